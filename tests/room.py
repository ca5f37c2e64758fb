"""Room for deep calls.

Python 3.11 and 3.12 keep the frames of running functions in blocks of 16 KiB. Where the calls of a request happen to
stand at the end of one, each further call takes a new block from the system and gives it back at once: a hundred times
and more for one request, a sixth of its cost. A function with a frame larger than a block gets a block of its own size,
and whatever it calls finds room in there.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Back = TypeVar("Back")
WORDS = 40_000
"""Of 8 bytes each: 320 KB out of a block of 512 KiB, which leaves some 200 KB for the frames of what is called."""


def roomy(function: Callable[Given, Back]) -> Callable[Given, Back]:
    """The same function, with room for what it calls. No generator: its frame is kept elsewhere."""
    assert isinstance(function, FunctionType)
    function.__code__ = function.__code__.replace(co_stacksize=WORDS)
    return function
