"""Files of any common kind, opened as tables of text."""
