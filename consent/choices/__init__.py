"""consent: choices"""
