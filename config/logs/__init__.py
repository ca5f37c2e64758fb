"""How log lines and error reports are written, without personal data or keys.

The log of records, which is evidence, is in ``customers.evidence``.
"""
