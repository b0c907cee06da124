"""The vocabulary of an answer: a number with its interval, or the reason why there is none."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Estimate", "NotEstimable"]


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """A number, its interval, the level of that interval, and its unit.

    Parameters
    ----------
    value : float
        The point answer.
    low, high : float, optional
        Ends of the interval; NaN where the number has none (a count, a probability).
    level : float, optional
        Share of cases in which such an interval is meant to hold the truth, e.g. 0.95; NaN without an interval.
    unit : str, optional
        What the number counts, e.g. ``"per day"``, ``"ratio"``, ``"recorded deaths"``.

    Raises
    ------
    ValueError
        If the interval is the wrong way round or the level is not between 0 and 1.

    Examples
    --------
    >>> Estimate(2.4, 1.8, 3.3, level=0.95, unit="ratio")
    Estimate(value=2.4, low=1.8, high=3.3, level=0.95, unit='ratio')
    >>> Estimate(2.4, 1.8, 3.3, level=0.95).has_interval
    True
    """

    value: float
    low: float = math.nan
    high: float = math.nan
    level: float = math.nan
    unit: str = ""

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError(f"the interval {self.low} to {self.high} is the wrong way round")
        if not math.isnan(self.level) and not 0 < self.level < 1:
            raise ValueError(f"level={self.level} must lie between 0 and 1")

    @property
    def has_interval(self) -> bool:
        """Whether both ends are known."""
        return not (math.isnan(self.low) or math.isnan(self.high))

    def _key(self) -> tuple[float | str | None, ...]:
        """Give the fields with None for NaN: two estimates that both lack an end are equal, on every Python."""
        parts = (self.value, self.low, self.high, self.level)
        return (*(None if math.isnan(part) else part for part in parts), self.unit)

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, Estimate) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __bool__(self) -> bool:
        return True

    def words(self, form: str) -> str:
        """Give it as text: the value, and its interval in brackets where it has one.

        Parameters
        ----------
        form : str
            How each number is written, as in ``format``.

        Examples
        --------
        >>> Estimate(2.4, 1.8, 3.3, level=0.95).words(".1f")
        '2.4 (1.8 to 3.3)'
        """
        interval = f" ({self.low:{form}} to {self.high:{form}})" if self.has_interval else ""
        return f"{self.value:{form}}{interval}"


@dataclass(frozen=True, slots=True)
class NotEstimable:
    """The answer of a method that cannot answer: why, in words that a reader can act on.

    It counts as false, so that ``if result.growth:`` asks whether there is a number.

    Parameters
    ----------
    reason : str
        Why there is no number.

    Examples
    --------
    >>> NotEstimable("fewer than 14 observed days")
    NotEstimable(reason='fewer than 14 observed days')
    >>> bool(NotEstimable("no deaths recorded"))
    False
    """

    reason: str

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return f"not estimable: {self.reason}"

    def words(self, _form: str) -> str:
        """Give the reason as text, as `Estimate.words` gives a number."""
        return str(self)
