"""Pages that do, by room: a customer, who may see what, the staff."""
