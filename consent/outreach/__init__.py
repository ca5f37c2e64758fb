"""Messages to a customer under a purpose, and the templates they start from.

Notices about casework are in ``customers.messages``; whether a message may be sent is decided in ``consent.gate``.
"""
