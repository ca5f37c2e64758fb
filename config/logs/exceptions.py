"""What an exception may say where others read it: its class, and where it was raised. Never its message.

A database's message quotes the row, a parser's the input, a view's whatever it was about. Imports nothing of Django:
commands that fail before the settings are read come here too.
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
    """The exception, then what it came from, and so on."""
    found: list[Failure] = []
    each: BaseException | None = exception
    while each is not None and len(found) < CAUSES_AT_MOST:
        found.append(Failure(_name(type(each)), _frames(each.__traceback__)))
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
    return found


def in_lines(exception: BaseException) -> list[str]:
    """The same for reading."""
    lines: list[str] = []
    for failure in failures(exception):
        lines += [f"{'from ' if lines else ''}{failure.kind}", *(f"    {where}" for where in failure.where)]
    return lines


def say_where(kind: type[BaseException], exception: BaseException, trace: TracebackType | None) -> None:
    """``sys.excepthook`` in production: what a command says that failed in a way it does not know."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, exception, trace)
        return
    print("\n".join(in_lines(exception)), file=sys.stderr)


def place(path: str) -> str:
    """A source file by its place in the project, or in the package it came with."""
    if path.startswith(f"{BASE_DIR}/") and "site-packages" not in path:
        return path.removeprefix(f"{BASE_DIR}/")
    return path.rpartition("/site-packages/")[2] if "/site-packages/" in path else Path(path).name


def _name(kind: type[BaseException]) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _frames(trace: TracebackType | None) -> tuple[str, ...]:
    frames = traceback.walk_tb(trace)
    return tuple(f"{place(frame.f_code.co_filename)}:{line} {frame.f_code.co_name}" for frame, line in frames)
