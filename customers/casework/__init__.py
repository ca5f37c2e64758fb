"""Casework: customers' requests and deadlines, corrections, holds, addresses, information requests, service logins.

The acts and the queries about their rows are here; pages are in ``customers.admin``, ``admin_views`` and
``admin_forms``, models in ``customers.models``, letters in ``customers.messages``.
"""
