"""Management commands of the desk, and what they share: the base command and prompts for secrets."""
