"""The log of evidence: append-only records, their leaves, checkpoints, exports, triggers, and the verifier.

Nothing here imports from the rest of ``customers`` (an import contract checks it). The records themselves are in
``customers.models`` and in the apps above; reading the log back and anchoring it is in ``customers.audit_log``.
"""
