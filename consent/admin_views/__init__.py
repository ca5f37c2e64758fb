"""Pages that do: for one customer, and for what officers keep."""
