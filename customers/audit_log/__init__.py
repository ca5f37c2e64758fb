"""Reading the log back, and anchoring it."""
