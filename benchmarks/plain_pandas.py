"""Do the least that gives deaths by area and day with pandas alone, and print its version, seconds and memory.

`benchmarks/reading.py` runs this beside the package, with its own interpreter and with any other it is given: the file
imports nothing but pandas.
"""

import resource
import sys
import time

import pandas as pd

COLUMNS = {"ged": ("adm_1", "date_start", "best"), "acled": ("country", "event_date", "fatalities")}


def seconds(kind: str, path: str) -> float:
    """Read a file, add up the deaths of each area and day, and tell how long it took."""
    place, day, deaths = COLUMNS[kind]
    start = time.perf_counter()
    frame = pd.read_csv(path)
    frame.groupby([place, pd.to_datetime(frame[day]).dt.normalize()])[deaths].sum()
    return time.perf_counter() - start


if __name__ == "__main__":
    taken = seconds(*sys.argv[1:])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"pandas {pd.__version__}\twhole\t{taken:.2f}\t{peak:.2f}")
