"""How staff reach one customer's data: find, verify, reveal, grants."""
