"""Bringing what is typed or imported to its normal form, or raising ``InvalidInput`` or ``CellError``; working days.

Nothing here checks rights or writes: rights are in ``customers.permissions``, acts in ``customers.acts`` and beside it.
"""
