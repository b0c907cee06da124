"""Readers, one file a provider: each turns a provider's file into validated events, a feed or totals."""
