"""Accounting for disclosures: the log and its export, statements for customers, notifications and their letters.

Entries of the log are written by ``disclosures.requests.release``; models are in ``disclosures.models``.
"""
