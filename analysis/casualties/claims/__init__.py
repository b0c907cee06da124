"""Somebody else's statements held against the records: supported, contradicted, undecided, or not testable."""
