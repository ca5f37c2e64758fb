"""What is shown of an exception in logs, reports and output: its class and where it was raised, never its message.

A database's message quotes the row, a parser's the input. Imports nothing of Django, because commands that fail before
the settings are read use it too.
"""

from __future__ import annotations

import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

BASE_DIR = Path(__file__).resolve().parent.parent.parent
CAUSES_AT_MOST = 10


@dataclass(frozen=True)
class Failure:
    """One exception of a chain: its class, and its frames, the outermost first."""

    kind: str
    where: tuple[str, ...]


def failures(exception: BaseException) -> list[Failure]:
    """The exception and its causes, at most ``CAUSES_AT_MOST`` in all."""
    chain: list[Failure] = []
    current: BaseException | None = exception
    while current is not None and len(chain) < CAUSES_AT_MOST:
        chain.append(Failure(_name(type(current)), _frames(current.__traceback__)))
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return chain


def in_lines(exception: BaseException) -> list[str]:
    """The chain of an exception as lines of text."""
    lines: list[str] = []
    for failure in failures(exception):
        lines += [f"{'from ' if lines else ''}{failure.kind}", *(f"    {where}" for where in failure.where)]
    return lines


def say_where(kind: type[BaseException], exception: BaseException, trace: TracebackType | None) -> None:
    """``sys.excepthook`` in production: prints class and place of an exception that a command did not handle."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, exception, trace)
        return
    print("\n".join(in_lines(exception)), file=sys.stderr)


def place(path: str) -> str:
    """A source file's path, relative to the project or to ``site-packages``."""
    if path.startswith(f"{BASE_DIR}/") and "site-packages" not in path:
        return path.removeprefix(f"{BASE_DIR}/")
    return path.rpartition("/site-packages/")[2] if "/site-packages/" in path else Path(path).name


def _name(kind: type[BaseException]) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _frames(trace: TracebackType | None) -> tuple[str, ...]:
    frames = traceback.walk_tb(trace)
    return tuple(f"{place(frame.f_code.co_filename)}:{line} {frame.f_code.co_name}" for frame, line in frames)
