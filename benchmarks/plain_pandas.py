"""Do the least that gives deaths by area and day with pandas alone, and print its version, seconds and memory.

`benchmarks/reading.py` runs this beside the package, with its own interpreter and with any other it is given: the file
imports nothing but pandas.
"""

import resource
import sys
import time

import pandas as pd

kind, path = sys.argv[1:]
place, day, deaths = ("adm_1", "date_start", "best") if kind == "ged" else ("country", "event_date", "fatalities")
start = time.perf_counter()
frame = pd.read_csv(path)
frame.groupby([place, pd.to_datetime(frame[day]).dt.normalize()])[deaths].sum()
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
print(f"pandas {pd.__version__}\twhole\t{seconds:.2f}\t{peak:.2f}")
