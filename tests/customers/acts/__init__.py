"""Tests of customers/acts/."""
