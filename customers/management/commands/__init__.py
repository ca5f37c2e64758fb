"""The commands; each calls acts or the evidence tools and prints the result."""
