"""Tests of customers/casework/."""
