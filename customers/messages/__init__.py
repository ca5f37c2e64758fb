"""Letters to customers: their texts, the record of each (notice), and delivery by mail or text message.

Marketing messages are in the ``consent`` app.
"""
