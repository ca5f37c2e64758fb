"""Tests, by the package they are about; beside them, what several of them share."""
