"""config: policy"""
