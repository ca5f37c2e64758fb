"""config: logs"""
