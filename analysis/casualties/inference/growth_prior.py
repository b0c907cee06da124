"""What is held of growth beforehand: how far a war's days swing, and how far counts scatter around them."""

from __future__ import annotations

import math

import numpy as np

from casualties.inference.latent_ar import LatentGrid

__all__ = ["GROWTH_GRID", "growth_grid"]


def growth_grid(independent: float = 0.75, swing: float = 1.7, size: float = 2.0) -> LatentGrid:
    """Give the grid for growth: days are independent, or their rate wanders nearly as a random walk.

    Priors were chosen by simulation, so that intervals hold the truth as often as they say where days are independent,
    where they depend for a day or two, and where they swing for weeks. Short memory is left out: it hardly widens the
    interval of a rate of growth, and counts cannot tell it from scatter.

    Parameters
    ----------
    independent : float, optional
        Prior probability of independent days.
    swing : float, optional
        Prior median of the standard deviation of the hidden log rate, where it wanders.
    size : float, optional
        Prior median of the negative-binomial size.

    Returns
    -------
    LatentGrid
    """
    sd = np.array([0.0, 0.5, 0.9, 1.6, 2.8])
    sizes = np.exp(np.linspace(math.log(0.25), math.log(60.0), 13))
    swings = np.exp(-0.5 * (np.log(sd[1:] / swing) / 0.6) ** 2) / sd[1:] * np.gradient(sd[1:])
    return LatentGrid.of(
        [0.955, 0.985],
        sd.tolist(),
        sizes.tolist(),
        phi_weights=[0.25, 0.75],
        sd_weights=np.concatenate([[independent], (1.0 - independent) * swings / swings.sum()]),
        size_weights=np.exp(-0.5 * (np.log(sizes / size) / 2.0) ** 2),
    )


GROWTH_GRID = growth_grid()
