"""Whether the log is whole, asked from the desk; and the freeze of disclosing until two officers have lifted it.

The check itself is the verifier's, ``customers.evidence.verify``.
"""
