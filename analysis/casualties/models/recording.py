"""What no interval over recorded deaths allows for: that the share of deaths which is recorded changes."""

from __future__ import annotations

__all__ = ["RECORDING"]

# A warning of every answer that compares one time with another, beside those that its days give rise to.
RECORDING = (
    "Counted are records: a change in the share of deaths that is recorded looks like one in the violence, and no "
    "interval here allows for it."
)
