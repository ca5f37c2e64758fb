"""The exception that validation and acts raise for input that cannot be used."""


class InvalidInput(ValueError):
    """The input cannot be used as it is. ``str()`` says what to do; nothing was done or put on record."""
