"""Time all 113 log-linear models of four lists beside a loop of statsmodels over the same models, in one process."""

import time
import warnings

import numpy as np
import statsmodels.api as sm

from casualties.inference.log_linear import all_cells, capture_design, fit_log_linear, hierarchical_models

# Kosovo, 1999: persons killed on four lists (Ball and others 2002), in the order of the cells.
COUNTS = (306, 936, 123, 845, 31, 217, 32, 1131, 106, 228, 42, 177, 18, 181, 27)
TURNS, TARGET = 15, 8.0


def main() -> None:
    """Fit in turns and print the median times and their ratio."""
    counts = np.array(COUNTS, dtype=float)
    designs = [capture_design(all_cells(4), model) for model in hierarchical_models(4)]
    ours = fit_log_linear(counts, designs)
    # Models that fit a cell exactly make statsmodels warn; that is no part of the comparison.
    warnings.simplefilter("ignore")
    seconds: dict[str, list[float]] = {"casualties": [], "statsmodels": []}
    for _ in range(TURNS):
        start = time.perf_counter()
        fit_log_linear(counts, designs)
        middle = time.perf_counter()
        peers = [sm.GLM(counts, design, family=sm.families.Poisson()).fit() for design in designs]
        seconds["casualties"].append(middle - start)
        seconds["statsmodels"].append(time.perf_counter() - middle)
    furthest = max(abs(np.exp(peer.params[0]) / unseen - 1.0) for peer, unseen in zip(peers, ours.unseen, strict=True))
    middle_of = {name: float(np.median(values)) for name, values in seconds.items()}
    for name, value in middle_of.items():
        print(f"{name:<12} {len(designs)} models {1e3 * value:8.2f} ms")
    ratio = middle_of["statsmodels"] / middle_of["casualties"]
    print(f"ratio {ratio:.0f} (target {TARGET:.0f}); numbers of unseen persons differ by at most {furthest:.1e}")


if __name__ == "__main__":
    main()
