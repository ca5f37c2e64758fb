#!/usr/bin/env python
"""The operator's door: decides the mode first, then hands over to Django."""

import os
import sys

from config.logs.exceptions import say_where
from config.mode import choose_mode, make_demo_keys


def main() -> None:
    """Run one command; stop with one line when the mode is unset or unknown."""
    if choose_mode(sys.argv) == "production":
        sys.excepthook = say_where  # what cron mails or the journal keeps quotes no row
    if sys.argv[1:2] == ["demo"] and "--help" not in sys.argv:
        make_demo_keys()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
