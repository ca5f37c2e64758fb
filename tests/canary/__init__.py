"""Every page, command and export is searched for what must never be seen on it."""
