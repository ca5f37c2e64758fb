"""Recipients of disclosures, and what they need besides a request: legal bases, documents on file.

``recipients``: who may get data at all; ``legal_bases``, ``commitment_terms``: commitments of payment processors,
permissions of customers; ``documents``: originals, sealed. Models are in ``disclosures.models``.
"""
