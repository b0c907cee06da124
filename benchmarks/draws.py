"""Print how much of the width of the north-west's answers is the data's own imprecision of dates and ranges.

Pools the change-point model over the whole period and the trend over each of the study's windows, with 20 and with 100
draws; then says what the law for low, best and high does to the number of deaths. Run with
``python benchmarks/draws.py``.
"""

import time

import numpy as np

import casualties as ca


def main() -> None:
    """Print the tables."""
    study = ca.load_study("idlib-2019")
    series = study.series("north_west")
    seed = study.settings["seed"]
    for number in (20, 100):
        began = time.perf_counter()
        found = ca.fit_changepoints(series, draws=number, seed=seed)
        took = time.perf_counter() - began
        print(f"{number} draws, seed {seed}: change points in {took:.1f} s, deaths {found.imprecision.excess:+.1%}")
        print(found.changes.iloc[:, :6].round(2).to_string(index=False))
        print(found.imprecision.table.round(3).to_string(index=False))
        for name in study.settings["trend_windows"]:
            window = study.windows[name]
            trend = ca.fit_trend(series.between(window.start, window.end), draws=number, seed=seed)
            (row,) = trend.imprecision.table.to_dict("records")
            print(
                f"  growth {name}: {row['value']:+.5f} ({trend.growth.low:+.5f} to {trend.growth.high:+.5f}), recorded "
                f"{row['recorded']:+.5f}, from data {row['from_data']:.3f}, deaths {trend.imprecision.excess:+.1%}"
            )
    weighted = ca.fit_changepoints(series, draws=series.draws(100, seed, weights="series"))
    print("100 draws, days weighted by the deaths known to the day")
    print(weighted.changes.iloc[:, :6].round(2).to_string(index=False))

    accepted = study.sources["ucdp"].accepted
    north_west = accepted["adm1"].isin(series.where["adm1"]) & (accepted["date_end"] >= series.start)
    north_west &= accepted["date_start"] <= series.end
    for name, chosen in (("north-west, the period", north_west), ("Syria, 2016 to 2019", accepted["best"] >= 0)):
        low, best, high = np.sort(accepted.loc[chosen, ["low", "best", "high"]].to_numpy(dtype=float), axis=1).T
        ranged = high > low
        held, law = best[ranged].sum() / best.sum(), (low + best + high).sum() / 3 / best.sum() - 1
        ends = [ranged & (best == low), ranged & (best == high), (low < best) & (best < high)]
        print(
            f"{name}: {len(best):,} events, {ranged.sum():,} with a range ({held:.1%} of the deaths), best is low in "
            f"{ends[0].sum():,}, high in {ends[1].sum():,}, between in {ends[2].sum():,} (halfway in "
            f"{(ranged & (best - low == high - best)).sum():,}); mean of the law over best {law:+.2%}"
        )


if __name__ == "__main__":
    main()
