"""Tests of customers/sign_in/."""
