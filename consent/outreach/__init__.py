"""consent: outreach"""
