"""What validation raises."""


class InvalidInput(ValueError):
    """What was asked for makes no sense as it stands. ``str()`` says what to do; nothing was done or recorded."""
