"""The policy as rules: clauses with the places and tests that enforce them, differences from the law, and the page.

Versions of the policy's own text are in ``consent.policies``.
"""
