"""consent: gate"""
