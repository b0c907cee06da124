"""Time the engines against statsmodels and ruptures, side by side in one process, and print ratios beside targets.

Ratios of processor times taken in turns in one process hold on a noisy machine; the times themselves do not. The linear
algebra keeps to one thread: its others wait awake for milliseconds after each call, and would be charged to whichever
job comes next. Run with ``./run bench``, which installs ruptures first.
"""

import math
import os
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import ruptures
from ruptures.base import BaseCost
from statsmodels.discrete.discrete_model import NegativeBinomial

from casualties.inference import negative_binomial
from casualties.inference.latent_ar import fit_latent_ar, weekday_design, weekday_precision
from casualties.inference.partition import optimal_partition
from casualties.models.change_model import ChangeModel
from casualties.models.changepoints import fit_changepoints
from casualties.models.trend import fit_trend
from casualties.series import DailySeries

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from test_negative_binomial import robust_cases

BLAS_THREADS = "OPENBLAS_NUM_THREADS"
START = "2019-01-07"
TURNS = 15
BATCH, DAYS, WINDOW, LONG = 3000, 365, 56, 1000

Job = Callable[[int], object]


def design(days: int) -> np.ndarray:
    """Give constant, time and six weekdays."""
    day = np.arange(days)
    return np.column_stack([np.ones(days), day / 30, *(day % 7 == number for number in range(1, 7))]).astype(float)


def simulated(rng: np.random.Generator, days: int) -> np.ndarray:
    """Give counts with a step and a rhythm of the week, mean 0.5 to 30, size 0.5 to 5."""
    size, level = np.exp(rng.uniform(np.log(0.5), np.log(5))), np.exp(rng.uniform(np.log(0.5), np.log(30)))
    week = np.array([1.15, 1.10, 1.05, 1.0, 0.85, 0.80, 1.05])[np.arange(days) % 7]
    mean = level * week * np.where(np.arange(days) < days // 2, 1.0, 2.5)
    counts = rng.poisson(rng.gamma(size, mean / size)).astype(float)
    return counts if counts.any() else simulated(rng, days)


def statsmodels_fit(X: np.ndarray, y: np.ndarray) -> bool:
    """Fit with statsmodels' defaults and tell whether it converged to finite numbers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fit = NegativeBinomial(y, X).fit(disp=False, maxiter=200)
        except (np.linalg.LinAlgError, ValueError, ZeroDivisionError):
            return False
    return bool(fit.mle_retvals["converged"]) and bool(np.isfinite(fit.bse).all())


def in_turns(jobs: dict[str, Job], turns: int = TURNS) -> dict[str, float]:
    """Give the median processor time of each job, in seconds, taken in turns after one warm-up."""
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for turn in range(turns + 1):
        for name, job in jobs.items():
            before = time.process_time()
            job(turn)
            if turn:
                times[name].append(time.process_time() - before)
    return {name: statistics.median(values) for name, values in times.items()}


def told(name: str, seconds: float, ratio: str, target: str = "") -> None:
    """Print one line."""
    print(f"  {name:<58} {1e3 * seconds:9.3f} ms   {ratio:<26} {target}", flush=True)


class NegativeBinomialCost(BaseCost):
    """The cost of `optimal_partition` as ruptures asks for a cost of one's own."""

    model = "negative binomial"
    min_size = 7

    def __init__(self, size: float) -> None:
        self.size = size

    def fit(self, signal: np.ndarray) -> "NegativeBinomialCost":
        self.signal = np.asarray(signal, dtype=float).reshape(-1, 1)
        self.sums = np.concatenate([[0.0], np.cumsum(self.signal)]).tolist()
        return self

    def error(self, start: int, end: int) -> float:
        total, others = self.sums[end] - self.sums[start], self.size * (end - start)
        if total == 0.0:
            return 0.0
        return 2.0 * (total * math.log((total + others) / total) + others * math.log1p(total / others))


def regression(rng: np.random.Generator) -> None:
    """The batch of regressions, and the grid of series that break programs."""
    X, Y = design(DAYS), np.array([simulated(rng, DAYS) for _ in range(BATCH)])
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    print(f"regression: {BATCH:,} series of {DAYS} days, 8 terms, on {processors} processors")
    negative_binomial.fit_many(X, Y[:2])
    peers, peer_walls, walls, processor_times = [], [], [], []
    for turn in range(5):
        for k in range(10):
            before, start = time.process_time(), time.perf_counter()
            statsmodels_fit(X, Y[10 * turn + k])
            peers.append(time.process_time() - before)
            peer_walls.append(time.perf_counter() - start)
        before, start = time.process_time(), time.perf_counter()
        found = negative_binomial.fit_many(X, Y)
        processor_times.append((time.process_time() - before) / BATCH)
        walls.append((time.perf_counter() - start) / BATCH)
    if any(found.reasons) or not found.converged.all():
        raise SystemExit("a series of the batch was not fitted")
    peer, wall, processor = statistics.median(peers), statistics.median(walls), statistics.median(processor_times)
    told("statsmodels NegativeBinomial, a series", peer, "1")
    told("fit_many, a series, processor time", processor, f"{peer / processor:.0f} times as fast")
    # By the clock both share the machine with whatever else runs; so do their ratios.
    told("statsmodels NegativeBinomial, by the clock", statistics.median(peer_walls), "1")
    ratio = f"{statistics.median(peer_walls) / wall:.0f} times, {1 / min(walls):,.0f}/s at best"
    told("fit_many, a series, by the clock", wall, ratio, ">= 40 times, 15,000/s")
    free = f"{processors / processor:,.0f}/s if all are free"
    told("fit_many, processor time over processors", processor / processors, free, "15,000/s")
    one = in_turns({"here": lambda turn: negative_binomial.fit(X, Y[turn])})
    told("fit, one series", one["here"], f"{peer / one['here']:.0f} times as fast")

    cases = list(robust_cases())
    ours = theirs = 0
    for y in cases:
        fit = negative_binomial.fit(design(len(y)), y)
        ours += not (fit.converged and np.isfinite(fit.standard_errors).all())
        theirs += not statsmodels_fit(design(len(y)), y)
    print(f"  robustness grid, {len(cases)} series: {ours} failures here (target 0), {theirs} of statsmodels")
    short = [simulated(rng, days) for days in (28, 56, 120, 365) for _ in range(15)]
    theirs = sum(not statsmodels_fit(design(len(y)), y) for y in short)
    ours = sum(not negative_binomial.fit(design(len(y)), y).converged for y in short)
    print(f"  {len(short)} ordinary series of 28 to 365 days: {ours} failures here, {theirs} of statsmodels")


def partition(rng: np.random.Generator) -> None:
    """The partition, beside ruptures in Python with the same cost and in C with its own."""
    print(f"partition: {LONG:,} days, at most a cut every week, penalty 3 log n; ruptures {ruptures.__version__}")
    size, penalty = 1.5, 3.0 * math.log(LONG)
    for steps in (1, 3):
        mean = np.repeat(np.geomspace(4, 12, steps), math.ceil(LONG / steps))[:LONG]
        y = rng.poisson(rng.gamma(size, mean / size)).astype(float)
        cuts = list(optimal_partition(y, size=size).cuts)
        peer = ruptures.Pelt(custom_cost=NegativeBinomialCost(size), jump=1, min_size=7).fit(y).predict(pen=penalty)
        if peer[:-1] != cuts:
            raise SystemExit(f"ruptures cuts at {peer[:-1]}, here {cuts}")
        jobs: dict[str, Job] = {
            "here": lambda _, y=y: optimal_partition(y, size=size),
            # Squared error: a cut is worth the penalty times the variance, as with a Gaussian likelihood.
            "linear": lambda _, y=y: (
                ruptures.KernelCPD(kernel="linear", min_size=7).fit(y).predict(pen=penalty * y.var())
            ),
            "rbf": lambda _, y=y: ruptures.KernelCPD(kernel="rbf", min_size=7).fit(y).predict(pen=penalty),
        }
        times = in_turns(jobs)
        slow: dict[str, Job] = {
            "pelt": lambda _, y=y: (
                ruptures.Pelt(custom_cost=NegativeBinomialCost(size), jump=1, min_size=7).fit(y).predict(pen=penalty)
            )
        }
        times |= in_turns(slow, 3)
        here = times["here"]
        found = f"{len(cuts)} cut{'' if len(cuts) == 1 else 's'}"
        told(f"optimal_partition, {found}", here, "1")
        told("ruptures Pelt, same cost, jump=1, same cuts", times["pelt"], f"{times['pelt'] / here:.0f}", ">= 200")
        for kernel in ("linear", "rbf"):
            told(f"ruptures KernelCPD in C, {kernel}", times[kernel], f"{times[kernel] / here:.2f}", ">= 1")


def change(rng: np.random.Generator) -> None:
    """The posterior of changes: dispersion, spikes and feed integrated."""
    print(f"change posterior: {DAYS} days, 16 sizes, spike days, feed from the days before")
    X, ones = design(DAYS), np.ones((1, DAYS))
    turns = 3 * TURNS  # series differ in how many sizes and feeds are worth keeping
    Y = [simulated(rng, DAYS) for _ in range(turns + 1)]

    def model(turn: int) -> ChangeModel:
        return ChangeModel.of(Y[turn][None, :], ones, 2.0, 0.01)

    jobs: dict[str, Job] = {
        "peer": lambda turn: statsmodels_fit(X, Y[turn]),
        "independent": lambda turn: model(turn).independent().jump,
        "dependent": lambda turn: next(model(turn).dependent()).jump,
        "model": lambda turn: fit_changepoints(DailySeries.from_counts(Y[turn], START)),
    }
    times = in_turns(jobs, turns)
    base = times["peer"]
    told("statsmodels NegativeBinomial, the same series", base, "1")
    told("posterior, independent days (no feed)", times["independent"], f"{times['independent'] / base:.2f}")
    told("posterior, feed integrated", times["dependent"], f"{times['dependent'] / base:.2f}", "<= 1.5")
    told("fit_changepoints as a whole", times["model"], f"{times['model'] / base:.1f}")
    years = DailySeries.from_counts(simulated(rng, 7300), START)
    before = time.process_time()
    fit_changepoints(years)
    told("fit_changepoints, 7,300 days", time.process_time() - before, "")


def growth(rng: np.random.Generator) -> None:
    """The growth rate with a hidden AR(1) process."""
    print(f"growth: {WINDOW} days, trend and weekdays")
    X = design(WINDOW)
    Y = [simulated(rng, WINDOW) for _ in range(3 * TURNS + 1)]
    dates = pd.date_range(START, periods=WINDOW)
    columns, precision = weekday_design(dates, trend=True), weekday_precision(trend=True)
    contrast = np.eye(columns.shape[1])[1]
    jobs: dict[str, Job] = {
        "peer": lambda turn: statsmodels_fit(X, Y[turn]),
        "latent": lambda turn: fit_latent_ar(Y[turn], columns, prior_precision=precision).interval(contrast, 0.95),
        "model": lambda turn: fit_trend(DailySeries.from_counts(Y[turn], START)),
    }
    times = in_turns(jobs, 3 * TURNS)
    base = times["peer"]
    told("statsmodels NegativeBinomial, the same window", base, "1")
    told("fit_latent_ar with its interval", times["latent"], f"{times['latent'] / base:.2f}", "<= 1")
    told("fit_trend as a whole", times["model"], f"{times['model'] / base:.1f}")


def main() -> None:
    """Print all parts."""
    if os.environ.get(BLAS_THREADS) != "1":  # read when numpy is imported
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, BLAS_THREADS: "1"})
    rng = np.random.default_rng(1)
    for part in (regression, partition, change, growth):
        part(rng)


if __name__ == "__main__":
    main()
