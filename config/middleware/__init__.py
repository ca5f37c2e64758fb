"""config: middleware"""
