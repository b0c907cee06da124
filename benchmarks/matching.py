"""Time matching 3,000 events of two simulated lists against splink with DuckDB, in turns in one process, with F1.

Both see the same lists, look within 25 km (splink: a box of that reach) and five days, and compare distance with name,
days, size and type at the same levels. splink is told what it cannot learn from pairs that were chosen for being near:
the prior is the true overlap, chance is counted from random pairs, and how shared events agree is learned by EM in two
sessions that each leave out what they block on (pairs of one week, then pairs of one name of place). Its F1 stands with
and without term frequencies of places, with and without a one-to-one assignment (whose time is not counted), at one
half and at the threshold that suits it best. Needs splink.
"""

import logging
import statistics
import time
import warnings

import duckdb
import numpy as np
import pandas as pd
import splink
import splink.comparison_library as cl
from scipy.optimize import linear_sum_assignment
from splink import DuckDBAPI, Linker, SettingsCreator

from casualties.comparison.matching import match_events
from casualties.events import Events
from casualties.places import place_key
from casualties.simulate.event_lists import ListsLaw, simulate_event_lists

SEEDS = (1, 2, 3)
LAWS = {"even": ListsLaw(), "bursts": ListsLaw(bursts=0.3)}
CUTS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
BLOCK = "abs(l.lat - r.lat) <= 0.225 and abs(l.lon - r.lon) <= 0.28 and l.start - r.stop <= 5 and r.start - l.stop <= 5"
# A session of EM does not train a comparison whose columns its rule names.
SESSIONS = ("floor(l.start / 7) = floor(r.start / 7)", "l.place = r.place and l.lat is not null")
KM = (
    "(2 * 6371.0088 * asin(sqrt(pow(sin(radians(lat_l - lat_r) / 2), 2) + cos(radians(lat_l)) * cos(radians(lat_r))"
    " * pow(sin(radians(lon_l - lon_r) / 2), 2))))"
)
GAP = "greatest(start_l - stop_r, start_r - stop_l, 0)"
RATIO = "abs(ln((best_l + 1.0) / (best_r + 1.0)))"
LEAST = "least(best_l, best_r)"


def levels(name: str, conditions: list[str], *, within: bool = False) -> cl.CustomComparison:
    """Give a comparison of levels in order, the last one everything else, which may be out of reach for links."""
    listed: list[dict[str, object]] = [
        {"sql_condition": text, "label_for_charts": f"{name} {k}"} for k, text in enumerate(conditions)
    ]
    # Left to EM, what no link shows falls below what splink can hold.
    last = {"m_probability": 1e-6, "fix_m_probability": True} if within else {}
    listed += [{"sql_condition": "ELSE", "label_for_charts": "else", **last}]
    return cl.CustomComparison(output_column_name=name, comparison_levels=listed)


def splink_table(events: Events) -> pd.DataFrame:
    """Give a list as splink reads it."""
    frame = events.accepted
    first = frame["date_start"].to_numpy(dtype="datetime64[D]").astype(int)
    last = frame["date_end"].to_numpy(dtype="datetime64[D]").astype(int)
    return pd.DataFrame(
        {
            "unique_id": frame["id"].astype(object),
            "start": first,
            "stop": last,
            "lat": frame["lat"],
            "lon": frame["lon"],
            "place": [place_key(name) for name in frame["place"]],
            "best": frame["best"].astype(int),
            "kind": frame["kind"].astype(int),
        }
    )


def by_splink(a: Events, b: Events, shared: int, *, frequencies: bool) -> pd.DataFrame:
    """Match with splink, told how many events are shared."""
    near = [f"{KM} <= {end}" for end in (1, 3, 9, 25)]
    where = (
        # splink weighs frequencies only where the name is a comparison of its own.
        [levels("distance", near, within=True), cl.ExactMatch("place").configure(term_frequency_adjustments=True)]
        if frequencies
        else [
            levels(
                "where", [f"{each} and place_l {sign} place_r" for each in near for sign in ("=", "<>")], within=True
            )
        ]
    )
    ratios = (0.0, 0.25, 0.6, 1.2, 99.0)
    size = [f"{LEAST} <= {top} and {RATIO} <= {end} + 1e-12" for top in (2, 9) for end in ratios]
    settings = SettingsCreator(
        link_type="link_only",
        unique_id_column_name="unique_id",
        blocking_rules_to_generate_predictions=[BLOCK],
        comparisons=[
            *where,
            levels("days", [f"{GAP} = {gap}" for gap in (0, 1, 2)] + [f"{GAP} <= 5"], within=True),
            levels("size", size + [f"{RATIO} <= {end} + 1e-12" for end in ratios[:-1]]),
            levels("kind", ["kind_l = kind_r"]),
        ],
        probability_two_random_records_match=shared / (len(a.accepted) * len(b.accepted)),
        # Iterated further, EM drives what no link shows below what splink can hold.
        max_iterations=10,
        retain_intermediate_calculation_columns=False,
        retain_matching_columns=True,
    )
    database = DuckDBAPI()
    tables = [database.register(splink_table(each)) for each in (a, b)]
    linker = Linker(tables, settings, log_level=logging.ERROR)
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    for rule in SESSIONS:
        linker.training.estimate_parameters_using_expectation_maximisation(rule, estimate_without_term_frequencies=True)
    found = linker.inference.predict(threshold_match_probability=0.001).as_pandas_dataframe()
    swapped = found["unique_id_l"].str.startswith("b")
    left = found["unique_id_l"].where(~swapped, found["unique_id_r"])
    right = found["unique_id_r"].where(~swapped, found["unique_id_l"])
    return pd.DataFrame({"id_a": left, "id_b": right, "probability": found["match_probability"]})


def one_to_one(found: pd.DataFrame) -> pd.DataFrame:
    """Keep at most one link an event, of the highest sum of log odds."""
    rows, left = pd.factorize(found["id_a"])
    columns, right = pd.factorize(found["id_b"])
    p = found["probability"].to_numpy().clip(1e-12, 1 - 1e-12)
    gain = np.zeros((len(left), len(right)))
    # Odds against as low as the least that is kept still count for something.
    gain[rows, columns] = np.maximum(np.log(p / (1 - p)) + 7.0, 0.0)
    chosen = np.zeros_like(gain, dtype=bool)
    chosen[linear_sum_assignment(gain, maximize=True)] = True
    return found[chosen[rows, columns]]


def f1(found: pd.DataFrame, truth: pd.DataFrame, cut: float) -> float:
    kept = found[found["probability"] >= cut]
    return 2 * len(kept.merge(truth, on=["id_a", "id_b"])) / (len(kept) + len(truth))


def scores(found: pd.DataFrame, truth: pd.DataFrame) -> list[float]:
    """Give F1 of all pairs and of one-to-one pairs, each at one half and at the threshold that the truth tells best."""
    return [
        score
        for kept in (found, one_to_one(found))
        for score in (f1(kept, truth, 0.5), max(f1(kept, truth, cut) for cut in CUTS))
    ]


def main() -> None:
    """Print F1 and times."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    warnings.simplefilter("ignore")
    print(f"splink {splink.__version__}, duckdb {duckdb.__version__}")
    small = simulate_event_lists(np.random.default_rng(0), ListsLaw(rows=(200, 200)))
    match_events(small.a, small.b)
    by_splink(small.a, small.b, len(small.links), frequencies=True)
    print("lists, seed: time; F1 of pairs at one half, at the best threshold; one-to-one at one half, at the best")
    for words, law in LAWS.items():
        taken: dict[str, list[float]] = {"ours": [], "splink": [], "splink, frequencies": []}
        for seed in SEEDS:
            lists = simulate_event_lists(np.random.default_rng(seed), law)
            shared = len(lists.links)
            for name in taken:
                before = time.perf_counter()
                if name == "ours":
                    result = match_events(lists.a, lists.b)
                    found = result.pairs
                else:
                    found = by_splink(lists.a, lists.b, shared, frequencies=name != "splink")
                taken[name].append(time.perf_counter() - before)
                told = "; ".join(f"{score:.3f}" for score in scores(found, lists.links))
                own = f"; the links {f1(result.links, lists.links, 0.0):.3f}" if name == "ours" else ""
                overlap = found["probability"].sum()
                print(
                    f"{words}, {seed}: {name:20} {taken[name][-1]:5.2f} s; {told}{own}"
                    f"; expected links {overlap:,.0f} of {shared:,}"
                )
        for name in list(taken)[1:]:
            ratio = statistics.median(taken[name]) / statistics.median(taken["ours"])
            print(f"{words}: {name} takes {ratio:.1f} times as long")


if __name__ == "__main__":
    main()
