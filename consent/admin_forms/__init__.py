"""What staff type about consent: for a customer, and for the policies."""
