"""Run the change-point model on simulated years with known truth, and print how often it is right.

Mean 0.5 to 30 deaths a day, negative-binomial size 0.5 to 5, a rhythm of the week; without a change or with one by a
factor of 1.5 to 4 up or down; days independent, with 1 % mass-casualty days, or with slow hidden swings (a latent
autoregression of the logarithm, coefficient 0.9, standard deviation 0.4). Then the decision whether the rate changed at
all on series with fewer days or deaths than those years: constant, and tripled halfway (negative-binomial size 2). Run
with ``python benchmarks/changes.py``.
"""

import math

import numpy as np

from casualties.models.change_dependence import AnyChange
from casualties.models.changepoints import fit_changepoints
from casualties.series import DailySeries

DAYS, SERIES, START = 365, 200, "2018-01-01"
FEW = (
    (14, 1.0),
    (14, 10.0),
    (28, 0.3),
    (28, 3.0),
    (60, 0.3),
    (60, 3.0),
    (120, 0.1),
    (120, 3.0),
    (365, 0.03),
    (365, 0.3),
)
WEEK = np.array([1.15, 1.10, 1.05, 1.0, 0.85, 0.80, 1.05])


def latent(rng: np.random.Generator, coefficient: float, deviation: float) -> np.ndarray:
    """Give a slowly swinging factor with mean 1."""
    swing = np.empty(DAYS)
    swing[0] = rng.normal(0, deviation)
    for day in range(1, DAYS):
        swing[day] = coefficient * swing[day - 1] + rng.normal(0, deviation * math.sqrt(1 - coefficient**2))
    return np.exp(swing - deviation**2 / 2)


def simulated(rng: np.random.Generator, change: bool, regime: str) -> tuple[np.ndarray, int, float]:
    """Give counts, the day of the change and its ratio."""
    level = math.exp(rng.uniform(math.log(0.5), math.log(30)))
    size = math.exp(rng.uniform(math.log(0.5), math.log(5)))
    day, ratio = int(rng.integers(60, 306)), 1.0
    if change:
        ratio = math.exp(rng.choice([-1, 1]) * rng.uniform(math.log(1.5), math.log(4)))
    mean = np.where(np.arange(DAYS) < day, level, level * ratio)
    daily = mean * (WEEK / WEEK.mean())[np.arange(DAYS) % 7]
    if regime == "swings":
        daily = daily * latent(rng, 0.9, 0.4)
    counts = rng.poisson(rng.gamma(size, daily / size))
    if regime == "spikes":
        counts = counts + (rng.random(DAYS) < 0.01) * rng.poisson(rng.gamma(1.0, 1.0, DAYS) * 8 * mean.mean() + 5)
    return counts.astype(float), day, ratio


def decided(rng: np.random.Generator, days: int, mean: float, ratio: float) -> float:
    """Give the share of short or sparse series, changed halfway or not, of which a change is decided."""
    found = []
    for _ in range(SERIES):
        counts = rng.poisson(rng.gamma(2.0, np.where(np.arange(days) < days // 2, mean, mean * ratio) / 2.0))
        decision = fit_changepoints(DailySeries.from_counts(counts.astype(float), START)).any_change
        found.append(isinstance(decision, AnyChange) and decision.found)
    return float(np.mean(found))


def main() -> None:
    """Print one line for each regime."""
    first = np.datetime64(START)
    for change in (False, True):
        for regime in ("independent", "spikes", "swings"):
            rng = np.random.default_rng(1)
            listed, cut, marked, dated, width, sized = [], [], [], [], [], []
            for _ in range(SERIES):
                counts, day, ratio = simulated(rng, change, regime)
                if not counts.any():
                    continue
                result = fit_changepoints(DailySeries.from_counts(counts, START))
                listed.append(len(result.changes))
                cut.append(len(result.partition))
                marked.append(any("too narrow" in text for text in result.warnings))
                if change and len(result.changes) == 1:
                    row = result.changes.iloc[0]
                    truth = first + np.timedelta64(day, "D")
                    dated.append(row["date_low"] <= truth <= row["date_high"])
                    width.append((row["date_high"] - row["date_low"]).days + 1)
                    sized.append(row["ratio_low"] <= ratio <= row["ratio_high"])
            text = f"{'one change' if change else 'no change':<10} {regime:<12}"
            text += f" any listed {np.mean(np.array(listed) > 0):.3f}, partition cuts {np.mean(np.array(cut) > 0):.3f},"
            text += f" dependence warned of {np.mean(marked):.3f}"
            if change:
                text += f"; of {len(dated)} with one listed: date set holds {np.mean(dated):.3f}"
                text += f" (median width {np.median(width):.0f} days), ratio interval holds {np.mean(sized):.3f}"
            print(text, flush=True)
    print("few days or deaths: the rate is said to have changed at least once")
    for days, mean in FEW:
        constant, tripled = (decided(np.random.default_rng(1), days, mean, ratio) for ratio in (1.0, 3.0))
        print(f"{days:>4} days, {mean:>5} a day: constant {constant:.3f}, tripled halfway {tripled:.3f}", flush=True)


if __name__ == "__main__":
    main()
