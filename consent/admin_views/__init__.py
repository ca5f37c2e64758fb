"""Pages that carry out acts: for one customer, and for what officers keep. Lists are in ``consent.admin``.

Each checks the right, shows a form from ``consent.admin_forms`` and calls the act.
"""
