"""What tells one vintage from another: its version and its counts, and the basis that names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from casualties.events import Events
from casualties.ledger import ESTIMATES
from casualties.results import Basis

__all__ = ["COUNTS", "basis_of", "version_of"]

COUNTS = (*ESTIMATES, "civilians")


def version_of(source: Events | pd.DataFrame) -> str:
    """Give the version of events, or the day on which they were taken; a plain table has none."""
    return source.record.version or source.record.accessed if isinstance(source, Events) else ""


def basis_of(
    label: str,
    source: str,
    vintage: str,
    start: pd.Timestamp | None,
    end: pd.Timestamp | None,
    method: str,
    settings: Mapping[str, Any] | None = None,
) -> Basis:
    """Say what a result about vintages rests on; every day of the window is looked at."""
    days = (end - start).days + 1 if start and end else 0
    first, last = (str(start.date()), str(end.date())) if start and end else ("", "")
    return Basis(label, source, vintage, first, last, days, days, method, dict(settings or {}))
