"""Several at once, each on a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.db import connections


def at_once(*acts: Callable[[], Any]) -> list[str]:
    """Run acts in threads of their own, begun together; what those that failed were told."""
    told: list[str] = []
    begin = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> None:
        try:
            begin.wait(10)
            act()
        except Exception as error:
            told.append(f"{type(error).__name__}: {error}")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(told)
