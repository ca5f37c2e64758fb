"""Loaded by every Python process that ``.ci/deep clocks`` starts: lets ``time.sleep`` work under Debian's faketime.

Python waits by ``clock_nanosleep`` until a time on the monotonic clock. faketime 0.9.10 takes that time for one on the
clock it shifts, and the call fails. ``select`` waits as long and is given no clock.
"""

import select
import time


def sleep(seconds: float) -> None:
    """Wait so many seconds."""
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select.select([], [], [], seconds)


time.sleep = sleep
