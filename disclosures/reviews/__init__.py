"""disclosures: reviews"""
