"""The tests about the tests, about the house, and the mutants."""
