"""Management commands of the desk as a whole."""
