"""Staff: accounts, roles and teams, sign-in links, and what administrators should look at.

Signing in is in ``customers.sign_in``; what a role permits, in ``customers.permissions`` and ``config/roles.py``.
"""
