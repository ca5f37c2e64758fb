"""Pages that carry out acts: each checks the right, shows a form from ``customers.admin_forms``, and calls the act.

The acts are in ``casework``, ``access``, ``staff`` and ``sign_in``; lists and read-only pages in ``customers.admin``.
"""
