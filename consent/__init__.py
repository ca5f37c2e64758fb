"""What customers' data may be used for: purposes, policy versions, what customers said, and the gate that decides.

Imports ``customers``; ``disclosures`` and ``config`` import it. README.md describes the packages.
"""
