"""The frame of every act of staff: locks, recorded refusals, and budgets (how often in an hour or a day).

The acts themselves are in ``customers.access``, ``casework``, ``staff`` and the apps above; who may do what is decided
in ``customers.permissions``.
"""
