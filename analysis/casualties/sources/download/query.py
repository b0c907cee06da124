"""The days that a provider is asked for."""

from __future__ import annotations

from casualties.errors import InputError
from casualties.ledger import read_day

__all__ = ["window"]


def window(start: str, end: str) -> tuple[str, str]:
    """Check the first and the last day asked for.

    Parameters
    ----------
    start, end : str
        ISO dates; an empty one means no bound.

    Returns
    -------
    tuple of str
        Both as YYYY-MM-DD, or empty.

    Raises
    ------
    InputError
        If one is not a day, or the last is before the first.

    Examples
    --------
    >>> window("2019-04-30", "")
    ('2019-04-30', '')
    """
    first, last = (
        f"{read_day(value, name):%Y-%m-%d}" if value else "" for name, value in (("start", start), ("end", end))
    )
    if first and last and last < first:
        raise InputError("the last day is before the first", column="end", value=end, remedy=f"start is {first}")
    return first, last
