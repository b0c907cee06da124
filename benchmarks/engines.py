"""Time the engines against statsmodels, side by side in one process, and print ratios.

Ratios of processor times taken in turns in one process hold on a noisy machine; the times themselves do not.
Run with ``python benchmarks/engines.py``.
"""

import statistics
import time
import warnings
from collections.abc import Callable

import numpy as np
from statsmodels.discrete.discrete_model import NegativeBinomial

from casualties.inference import negative_binomial
from casualties.inference.partition import optimal_partition
from casualties.inference.rate_filter import filter_rates, log_grid
from casualties.models.changepoints import fit_changepoints
from casualties.models.trend import fit_trend
from casualties.series import DailySeries

DAYS = 365
ROUNDS = 15
SERIES = 60


def design(days: int) -> np.ndarray:
    """Give constant, time and six weekdays."""
    day = np.arange(days)
    return np.column_stack([np.ones(days), day / 30, *(day % 7 == number for number in range(1, 7))]).astype(float)


def simulated(rng: np.random.Generator, days: int) -> np.ndarray:
    """Give counts with a step and a rhythm of the week, mean 0.5 to 30, size 0.5 to 5."""
    size, level = np.exp(rng.uniform(np.log(0.5), np.log(5))), np.exp(rng.uniform(np.log(0.5), np.log(30)))
    week = np.array([1.15, 1.10, 1.05, 1.0, 0.85, 0.80, 1.05])[np.arange(days) % 7]
    mean = level * week * np.where(np.arange(days) < days // 2, 1.0, 2.5)
    return rng.poisson(rng.gamma(size, mean / size))


def statsmodels_fit(X: np.ndarray, y: np.ndarray) -> bool:
    """Fit with statsmodels' defaults and tell whether it converged to finite numbers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fit = NegativeBinomial(y, X).fit(disp=False, maxiter=200)
        except (np.linalg.LinAlgError, ValueError, ZeroDivisionError):
            return False
    return bool(fit.mle_retvals["converged"]) and bool(np.isfinite(fit.bse).all())


def in_turns(jobs: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Give the median processor time of each job, in seconds, taken in turns after one warm-up."""
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for turn in range(ROUNDS + 1):
        for name, job in jobs.items():
            before = time.process_time()
            job()
            if turn:
                times[name].append(time.process_time() - before)
    return {name: statistics.median(values) for name, values in times.items()}


def main() -> None:
    """Print the table."""
    rng = np.random.default_rng(1)
    X, y = design(DAYS), simulated(rng, DAYS)
    series = DailySeries.from_counts(y.astype(float), "2019-01-07")
    rates, sizes = log_grid(0.01, 200.0, 140), np.geomspace(0.1, 100.0, 16)
    jobs: dict[str, Callable[[], object]] = {
        "statsmodels NegativeBinomial": lambda: statsmodels_fit(X, y),
        "negative_binomial.fit": lambda: negative_binomial.fit(X, y),
        "rate_filter, 16 sizes, 140 rates, spikes": lambda: filter_rates(
            y, rates=rates, sizes=sizes, jump_probability=1 / 365, spike=0.01
        ),
        "optimal_partition": lambda: optimal_partition(y, size=1.0),
        "fit_trend": lambda: fit_trend(series),
        "fit_changepoints": lambda: fit_changepoints(series),
    }
    times = in_turns(jobs)
    base = times["statsmodels NegativeBinomial"]
    print(f"one series of {DAYS} days, 8 coefficients; median of {ROUNDS} turns")
    for name, value in times.items():
        print(f"  {name:<42} {1e3 * value:8.2f} ms   {value / base:8.3f} of statsmodels")

    many = [simulated(rng, days) for days in (28, 56, 120, 365) for _ in range(SERIES // 4)]
    many = [counts for counts in many if counts.any()]
    ours = sum(negative_binomial.fit(design(len(counts)), counts).converged for counts in many)
    theirs = sum(statsmodels_fit(design(len(counts)), counts) for counts in many)
    print(f"converged to finite numbers, of {len(many)} series of 28 to 365 days: here {ours}, statsmodels {theirs}")

    long = simulated(rng, 7000)
    before = time.process_time()
    fit_changepoints(DailySeries.from_counts(long.astype(float), "2000-01-03"))
    print(f"fit_changepoints, 7,000 days: {time.process_time() - before:.1f} s")


if __name__ == "__main__":
    main()
