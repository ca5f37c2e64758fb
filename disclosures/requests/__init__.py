"""disclosures: requests"""
