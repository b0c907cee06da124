"""Small studies for the tests of the verdict: counts by day, one list a source, and the choices over them."""

from pathlib import Path

import numpy as np
import pandas as pd

from casualties.study import Study, load_study

FIRST = "2019-01-01"
WINDOW = ("2019-05-01", "2019-06-30")


def war(seed: int = 1, before: float = 4.0, after: float = 12.0, days: int = 181, turn: int = 120) -> np.ndarray:
    """Negative-binomial days whose mean steps on the first day of the window."""
    rng = np.random.default_rng(seed)
    mean = np.where(np.arange(days) < turn, before, after)
    return rng.poisson(rng.gamma(3.0, mean / 3.0))


def judged_study(folder: Path, choices: str = "", **lists: np.ndarray) -> Study:
    """Write a study of one feed a list, all of the same people in the same place, and load it."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = [
        '[study]\nname = "judged"\ntitle = "Invented counts"\nsubtitle = ""\nplace = "Nowhere"\nperiod = "2019"',
        'data_as_of = "2020-01-01"\nversion = "1"\nversion_date = "2020-01-01"\n',
        '[settings]\nseed = 1\nmain_window = "spring"\n',
        f'[windows.spring]\nlabel = "the spring"\nstart = "{WINDOW[0]}"\nend = "{WINDOW[1]}"\n',
    ]
    last = ""
    for name, counts in lists.items():
        days = pd.date_range(FIRST, periods=len(counts))
        last = str(days[-1].date())
        pd.DataFrame({"day": days, "deaths": counts}).to_csv(folder / f"{name}.csv", index=False)
        parts.append(
            f'[sources.{name}]\nfile = "{name}.csv"\nformat = "feed"\nname = "List {name}"\n'
            f'[sources.{name}.mapping]\ndate = "day"\nkilled = "deaths"\n'
        )
    for name in lists:
        parts.append(
            f'[series.{name}]\nsource = "{name}"\nvictims = "all"\nstart = "{FIRST}"\nend = "{last}"\nspread = "even"\n'
            'missing_days = "missing"\n'
        )
    sources = ", ".join(f'"{name}"' for name in lists)
    parts.append(f"[choices]\nsources = [{sources}]\n{choices}\n")
    (folder / "study.toml").write_text("\n".join(parts), encoding="utf-8")
    return load_study(folder)
