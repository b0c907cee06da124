"""Averages over decomposable graphs: the numbers of the R package dga."""

import numpy as np
import pandas as pd
import pytest

from casualties.inference.decomposable import average_over_graphs, decomposable_graphs
from casualties.inference.log_linear import all_cells


@pytest.fixture(scope="module")
def stored(root):
    """Give dga's numbers by data set and method."""
    return pd.read_csv(root / "tests" / "reference" / "capture.csv").set_index(["dataset", "method"])["value"]


def told(text):
    """Give numbers of a stored text."""
    return [float(part) for part in text.split(";")]


def in_r_order(counts, lists):
    """Give counts of an R array, whose first list varies fastest, in the order of `all_cells`."""
    array = np.array(counts, dtype=float).reshape((2,) * lists, order="F")
    return np.array([array[tuple(cell)] for cell in all_cells(lists)])


@pytest.fixture(scope="module")
def kosovo(root):
    """Give the posterior as dga was asked for it."""
    cells = pd.read_csv(root / "tests" / "reference" / "kosovo_cells.csv").set_index(["EXH", "ABA", "OSCE", "HRW"])
    counts = np.array([cells.loc[tuple(cell), "Freq"] for cell in all_cells(4)], dtype=float)
    log_prior = np.concatenate([[-np.inf], -np.log(counts.sum() + np.arange(1, 30001))])
    return counts, average_over_graphs(counts, 4, prior_cell=1 / 16, log_prior=log_prior)


def test_graphs_of_two_to_five_lists_are_counted():
    assert [len(decomposable_graphs(lists)) for lists in (2, 3, 4, 5)] == [2, 8, 61, 822]


def test_kosovo_agrees_with_dga(kosovo, stored):
    counts, posterior = kosovo
    mean, low, middle, high, mode = told(stored["kosovo", "dga.delta1/16.prior-logN"])
    base = counts.sum()
    assert base + posterior.mean == pytest.approx(mean, rel=1e-6)
    assert [base + posterior.quantile(share) for share in (0.025, 0.5, 0.975)] == [low, middle, high]
    assert base + posterior.unseen[posterior.probability.argmax()] == mode


def test_weights_of_graphs_agree_with_dga(kosovo, stored):
    _, posterior = kosovo
    text = stored["kosovo", "dga.topgraphs"].split(" | ")[0].split(" ", 1)[1]
    assert sorted(posterior.weights, reverse=True)[:5] == pytest.approx(told(text), rel=1e-6)
    best = posterior.graphs[int(posterior.weights.argmax())]
    # Cliques 1 2 3 and 1 3 4 with 1 3 between them.
    assert best == {frozenset(pair) for pair in ((0, 1), (0, 2), (1, 2), (0, 3), (2, 3))}


def test_five_lists_agree_with_dga(stored):
    data = [0, 27, 37, 19, 4, 4, 1, 1, 97, 22, 37, 25, 2, 1, 3, 5]
    data += [83, 36, 34, 18, 3, 5, 0, 2, 30, 5, 23, 8, 0, 3, 0, 2]
    counts = in_r_order(data, 5)
    log_prior = np.concatenate([[-np.inf], -np.log(counts.sum() + np.arange(1, 301))])
    posterior = average_over_graphs(counts, 5, prior_cell=0.5, log_prior=log_prior)
    wanted = told(stored["MadiganYork5", "dga.delta.5"])
    got = [counts.sum() + posterior.mean, *(counts.sum() + posterior.quantile(share) for share in (0.025, 0.5, 0.975))]
    assert got == pytest.approx(wanted[:4], rel=1e-6)


def test_the_range_is_found_and_probabilities_add_up(kosovo):
    counts, _ = kosovo
    posterior = average_over_graphs(counts, 4)
    assert posterior.ended
    assert posterior.probability.sum() == pytest.approx(1.0)
    assert posterior.weights.sum() == pytest.approx(1.0)
    assert counts.sum() + posterior.mean == pytest.approx(12749.349, abs=1e-2)


def test_lists_that_share_nobody_have_no_end():
    assert not average_over_graphs(np.array([30.0, 20.0, 0.0]), 2).ended


def test_another_order_of_lists_changes_nothing(kosovo):
    counts, _ = kosovo
    cells = all_cells(4)
    turned = {tuple(cell[::-1]): count for cell, count in zip(cells, counts, strict=True)}
    mirrored = average_over_graphs(np.array([turned[tuple(cell)] for cell in cells]), 4)
    assert mirrored.mean == pytest.approx(average_over_graphs(counts, 4).mean, rel=1e-9)
