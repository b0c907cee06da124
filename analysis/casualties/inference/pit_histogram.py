"""Whether a fitted count distribution is too wide, too narrow or askew: the histogram of its probability transform."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["pit_histogram"]

Floats = npt.NDArray[np.float64]


def pit_histogram(below: npt.ArrayLike, up_to: npt.ArrayLike, bins: int = 10) -> Floats:
    """Give the densities of the probability integral transform of counts, without randomisation.

    Each count spreads its weight evenly from the probability of a smaller one to that of one no larger.

    Parameters
    ----------
    below, up_to : array_like, shape (n,)
        Probabilities, under the distribution in question, of fewer than each count and of at most it.
    bins : int, optional
        Number of bins of equal width.

    Returns
    -------
    ndarray, shape (bins,)
        Densities, 1 in each bin where the distributions are right: a hump says too wide, a trough too narrow.

    Examples
    --------
    >>> pit_histogram([0.0, 0.5], [0.5, 1.0], bins=4)
    array([1., 1., 1., 1.])
    >>> pit_histogram([0.25], [0.75], bins=4)
    array([0., 2., 2., 0.])

    References
    ----------
    Czado, C., Gneiting, T. and Held, L. (2009), Predictive model assessment for count data, Biometrics 65, 1254-1261.
    """
    low, high = np.asarray(below, dtype=float)[:, None], np.asarray(up_to, dtype=float)[:, None]
    edges = np.linspace(0.0, 1.0, bins + 1)[None, :]
    reached = np.clip((edges - low) / np.maximum(high - low, 1e-12), 0.0, 1.0)
    # The probability of the largest counts may round to 1 on both sides.
    reached[:, -1] = 1.0
    densities: Floats = np.diff(reached.mean(axis=0)) * bins
    return densities
