"""Tests of consent/gate/."""
