"""One module for each question asked of a daily series; models do not know each other."""
