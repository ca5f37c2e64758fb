"""Reading the log: timelines, descriptions of entries, health, the check of sealed contents; and anchoring checkpoints.

Writing the log, checkpoints themselves and the verifier are in ``customers.evidence``.
"""
