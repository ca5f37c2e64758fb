"""Encryption of personal data at rest: sealed fields and values, masks, blind indexes, and the keyring.

Of the rest of ``customers``, only ``customers.evidence`` is imported here (an import contract checks it). A customer's
value leaves as plaintext only through ``Sealed.expose``; who may reveal what is decided in ``customers.permissions``.
"""
