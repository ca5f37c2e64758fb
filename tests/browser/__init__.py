"""The desk in a real browser: stories, pages by keyboard, pictures."""
