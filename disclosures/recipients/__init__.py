"""disclosures: recipients"""
