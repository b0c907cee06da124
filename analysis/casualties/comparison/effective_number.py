"""How many of several sources are independent: each is taken apart into those who saw, and what they share counts once.

A source rests on others for shares of its deaths, these may rest on others again, and what is left it saw itself. So
every source is a mixture of **observers**. Two sources are alike by the share of deaths that they owe to the same
observers, and the effective number is that of independent sources which would bear as much as these together.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from casualties.errors import InputError

__all__ = ["EffectiveNumber", "RestsOn", "independent_sources", "number_of_mixtures", "observers"]

RestsOn = Mapping[str, str | Mapping[str, float]]
# Shares of a source may add up to this much above one: they come from division.
SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class EffectiveNumber:
    """How many independent sources several sources amount to.

    Parameters
    ----------
    named : int
        Sources named.
    value : float
        The effective number, 1 to `named`.
    fewest, most : float
        What it would be if as much, or as little, were copied as the record leaves open. These are bounds of what is
        known and no confidence interval.
    assumed : tuple of str
        Sources of which nothing says on whom they rest: each is taken for an observer of its own, so that the number
        is too high where they copy.
    """

    named: int
    value: float
    fewest: float
    most: float
    assumed: tuple[str, ...] = ()

    def words(self, form: str = ".1f") -> str:
        """Give the number as text, its bounds in brackets where they differ in print.

        Parameters
        ----------
        form : str, optional
            How each number is written, as in ``format``.

        Examples
        --------
        >>> EffectiveNumber(3, 1.92, 1.02, 2.0).words()
        '1.9 (1.0 to 2.0)'
        """
        value, low, high = (f"{number:{form}}" for number in (self.value, self.fewest, self.most))
        return value if low == value == high else f"{value} ({low} to {high})"

    def __str__(self) -> str:
        if self.named == 1:
            return "1 source"
        return f"{self.named} sources, about {self.words()} of them independent"


def independent_sources(names: Sequence[str], rests_on: RestsOn) -> EffectiveNumber:
    r"""Tell how many of several sources are independent, given on whom each rests.

    Parameters
    ----------
    names : sequence of str
        The sources.
    rests_on : mapping of str to str or to mapping of str to float
        On whom a source rests: one source, for all its deaths, or several with the share of its deaths that each gave
        it. What is left of a source it saw itself. The others need not be among `names`.

    Returns
    -------
    EffectiveNumber
        Without bounds of its own: both are the value.

    Raises
    ------
    InputError
        If no source is named, one is named twice, shares are not between 0 and 1 or add up to more than 1, or sources
        rest on each other alone, so that nobody saw anything.

    Notes
    -----
    Source :math:`i` owes the share :math:`r_{ik}` of its deaths to observer :math:`k`, through however many hands. The
    likeness of two sources is :math:`Z_{ij} = \sum_k \min(r_{ik}, r_{jk})`, and the number is

    .. math:: \max_p \; 1 / (p^T Z p) \quad\text{over weights } p \ge 0, \; \sum p = 1,

    the largest similarity-sensitive diversity that the sources can have [1]_ [2]_. Read :math:`Z` as the correlation of
    the sources' errors, and it is the number of independent sources whose mean is as exact as the best weighted mean
    of these, the equivalent number of Clemen and Winkler [3]_. A copy adds nothing, a source that shares nothing adds
    one, and adding a source never lowers the number. It says nothing about who is right.

    References
    ----------
    .. [1] Leinster, T. and Cobbold, C. A. (2012), "Measuring diversity: the importance of species similarity", Ecology
       93(3), 477-489.
    .. [2] Leinster, T. and Meckes, M. W. (2016), "Maximizing diversity in biology and beyond", Entropy 18(3), 88.
    .. [3] Clemen, R. T. and Winkler, R. L. (1985), "Limits for the precision and value of information from dependent
       sources", Operations Research 33(2), 427-442.

    Examples
    --------
    >>> print(independent_sources(["A", "B", "C"], {"C": "B"}))
    3 sources, about 2.0 of them independent
    >>> independent_sources(["A", "B"], {"A": {"B": 0.6}}).value
    1.25
    """
    listed = check_names(names)
    mixtures, assumed = observers(listed, rests_on)
    value = number_of_mixtures(mixtures)
    return EffectiveNumber(len(listed), value, value, value, assumed)


def check_names(names: Sequence[str]) -> list[str]:
    """Give the sources that were named; raise where none is, or one is named twice."""
    listed = [names] if isinstance(names, str) else [str(name) for name in names]
    if not listed:
        raise InputError("no source is named", column="names", remedy="name at least one")
    plain = [name.casefold() for name in listed]
    for place, name in enumerate(plain):
        if name in plain[:place]:
            raise InputError("a source is named twice", column="names", value=listed[place], remedy="name it once")
    return listed


def observers(names: Sequence[str], rests_on: RestsOn) -> tuple[np.ndarray, tuple[str, ...]]:
    """Take sources apart into those who saw.

    Parameters
    ----------
    names : sequence of str
        The sources.
    rests_on : mapping
        As in `independent_sources`; capitals of names do not matter.

    Returns
    -------
    (ndarray, tuple of str)
        Sources by observers: the share of a source's deaths that an observer saw, rows adding up to 1; and those of
        the sources of which nothing says on whom they rest.

    Raises
    ------
    InputError
        As in `independent_sources`.
    """
    shares = _read_shares(rests_on)
    known = dict.fromkeys(name.casefold() for name in names)
    known |= dict.fromkeys(shares) | dict.fromkeys(other for each in shares.values() for other in each)
    order = {name: place for place, name in enumerate(known)}
    taken = np.zeros((len(order), len(order)))
    for name, each in shares.items():
        for other, share in each.items():
            taken[order[name], order[other]] = share
    own = np.clip(1.0 - taken.sum(axis=1), 0.0, 1.0)
    seen = own > SLACK
    for _ in order:
        seen = seen | ((taken > 0) @ seen)
    if not seen.all():
        blind = sorted(name for name, place in order.items() if not seen[place])
        raise InputError(
            "these sources rest on each other alone, and none of them on anything seen",
            column="rests_on",
            value=", ".join(blind),
            remedy="say who of them saw",
        )
    # A share goes through all hands to those who saw, as a chain goes to the states that absorb it.
    mixtures = np.linalg.solve(np.eye(len(order)) - taken, np.diag(own))
    assumed = tuple(name for name in names if name.casefold() not in shares)
    return np.clip(mixtures[[order[name.casefold()] for name in names]], 0.0, 1.0), assumed


def number_of_mixtures(mixtures: np.ndarray) -> float:
    """Give the effective number of sources from their mixtures of observers.

    Parameters
    ----------
    mixtures : ndarray of float, shape (sources, observers)
        Shares; each row adds up to 1.

    Returns
    -------
    float
        1 to the number of sources.

    Examples
    --------
    >>> round(number_of_mixtures(np.array([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0]])), 6)
    2.0
    """
    likeness = np.minimum(mixtures[:, None, :], mixtures[None, :, :]).sum(axis=2)
    # Likeness by what is shared is positive semidefinite; rounding may leave an eigenvalue a little below nought.
    values, vectors = np.linalg.eigh((likeness + likeness.T) / 2.0)
    root = np.sqrt(np.clip(values, 0.0, None))[:, None] * vectors.T
    # The direction of the best weights is that of the least squares problem in which they should add up to one.
    weights, _ = nnls(np.vstack([root, np.ones(len(likeness))]), np.append(np.zeros(len(likeness)), 1.0))
    weights /= weights.sum()
    return float(np.clip(1.0 / (weights @ likeness @ weights), 1.0, len(likeness)))


def _read_shares(rests_on: RestsOn) -> dict[str, dict[str, float]]:
    """Read on whom each source rests, with the share of its deaths."""
    read: dict[str, dict[str, float]] = {}
    for name, given in rests_on.items():
        each = {given: 1.0} if isinstance(given, str) else given
        if not isinstance(each, Mapping):
            raise InputError(
                "on whom a source rests is a name, or names with shares",
                column=f"rests_on[{name!r}]",
                value=given,
                remedy='write {"A": "B"} or {"A": {"B": 0.6}}',
            )
        shares: dict[str, float] = {}
        for other, share in each.items():
            if isinstance(share, bool) or not isinstance(share, int | float) or not 0.0 <= share <= 1.0 + SLACK:
                raise InputError(
                    "a share of a source's deaths is a number from 0 to 1",
                    column=f"rests_on[{name!r}][{other!r}]",
                    value=share,
                )
            if other.casefold() == name.casefold():
                raise InputError("a source cannot rest on itself", column="rests_on", value=name, remedy="leave it out")
            shares[other.casefold()] = min(float(share), 1.0)
        total = math.fsum(shares.values())
        if total > 1.0 + SLACK:
            raise InputError(
                "the shares of a source's deaths add up to more than 1", column=f"rests_on[{name!r}]", value=total
            )
        # What rounding leaves above one would be less than nothing seen by the source itself.
        read[name.casefold()] = {other: share / max(total, 1.0) for other, share in shares.items()}
    return read
