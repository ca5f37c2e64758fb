"""What customers say about being contacted: opt-outs, consents, withdrawals, the unsubscribe link, imports, receipts.

Whether a customer may be contacted is decided in ``consent.gate``; policy versions are in ``consent.policies``.
"""
