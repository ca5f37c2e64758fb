"""Versions of the policy: their texts, their publication on both sites, and who accepted which.

What the policy promises, clause by clause, is in ``config.policy``.
"""
