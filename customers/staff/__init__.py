"""The people at the desk, their roles and teams."""
