"""The gate: may a customer be contacted for a purpose by a channel? Purposes, limits of news, the gate's refusals.

What customers said is recorded in ``consent.choices``; sending a message is in ``consent.outreach``.
"""
