"""Import of a CRM export: the file, its rows, writing new customers, correcting changed ones, and the report.

The import's marketing consents are in the ``consent`` app; reading of single cells is shared with the desk in
``customers.validation.contact_data``.
"""
