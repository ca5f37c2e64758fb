"""What is typed or imported, brought to its normal form or refused as ``InvalidInput``; and the days a house works on.

Nothing here asks who is acting, and nothing writes.
"""
