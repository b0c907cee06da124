"""A file looked at, and a mapping drafted from what it seems to hold."""
