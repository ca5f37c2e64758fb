"""Disclosure requests: registering, matching, checking, proposing, approving, releasing, fetching, emergencies.

The acts are here; models are in ``disclosures.models``, letters and the log in ``disclosures.accounting``, recipients
and legal bases in ``disclosures.recipients``.
"""
