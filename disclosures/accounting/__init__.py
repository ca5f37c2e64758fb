"""disclosures: accounting"""
