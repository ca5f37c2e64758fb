"""config: demo"""
