"""Every reasonable choice, and the one statement that it leaves: what supports it, and what would overturn it."""
