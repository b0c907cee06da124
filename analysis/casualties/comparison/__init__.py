"""Comparison of sources: two daily series, published totals against events, and which source saw which event.

Sources are never summed or averaged. Each comparison says whom the two sides count, on which days, and what one of
them owes to the other.
"""
