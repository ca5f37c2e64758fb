"""Tests of customers/messages/."""
