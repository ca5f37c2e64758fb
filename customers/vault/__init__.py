"""Materials of secrecy: sealed values and their fields, masks, blind indexes, the keyring.

Nothing in here knows a model of ``customers``. Plaintext leaves through one door, ``Sealed.expose``.
"""
