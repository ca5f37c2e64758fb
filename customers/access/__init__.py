"""Access of staff to customers' data: find, verify a caller, reveal a value, grants and breaking glass, anomalies.

Who may do it is decided in ``customers.permissions``; how often, in ``customers.acts.budgets``.
"""
