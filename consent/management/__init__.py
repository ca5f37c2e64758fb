"""Management commands of consent."""
