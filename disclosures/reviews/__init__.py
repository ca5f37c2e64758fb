"""Reviews after the fact: each month of the log (``monthly``), and each quarter who holds which access (``access``).

``sampling`` selects the entries of a month, ``entries`` loads them, ``due_dates`` says which months are waiting,
``comments`` opens the reviewers' words. Models are in ``disclosures.models.reviews``.
"""
