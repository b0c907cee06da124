"""Simulated records whose truth is known: wars by the day, and what sources and lists make of them."""
