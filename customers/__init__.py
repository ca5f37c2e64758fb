"""Customers with their data sealed, staff and their rights, casework, and the log of what was done.

The lowest of the apps: ``consent``, ``disclosures`` and ``config`` import from here, and never the other way round.
"""
