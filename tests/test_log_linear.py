"""Hierarchical log-linear models: Rcapture's numbers, statsmodels', and where no maximum exists."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from casualties.inference.log_linear import all_cells, capture_design, fit_log_linear, hierarchical_models


@pytest.fixture(scope="module")
def kosovo(root):
    """Give the counts in the order of `all_cells`, lists as in R."""
    cells = pd.read_csv(root / "tests" / "reference" / "kosovo_cells.csv").set_index(["EXH", "ABA", "OSCE", "HRW"])
    return np.array([cells.loc[tuple(cell), "Freq"] for cell in all_cells(4)], dtype=float)


@pytest.fixture(scope="module")
def stored(root):
    """Give Rcapture's numbers by method."""
    table = pd.read_csv(root / "tests" / "reference" / "capture.csv")
    return table[table["dataset"] == "kosovo"].set_index("method")["value"]


def interactions(generators):
    """Give the interactions that sets such as "123,14" imply."""
    found = set()
    for one in generators.split(","):
        lists = [int(letter) - 1 for letter in one]
        for size in range(2, len(lists) + 1):
            found |= {frozenset(chosen) for chosen in combinations(lists, size)}
    return sorted(found, key=lambda one: (len(one), sorted(one)))


def numbers(counts, terms):
    """Give N, SE, deviance, degrees of freedom, AIC and BIC as Rcapture defines them."""
    fits = fit_log_linear(counts, [capture_design(all_cells(4), terms)])
    unseen, size = fits.unseen[0], int(fits.parameters[0])
    se = np.sqrt(unseen + unseen**2 * fits.variance[0])
    aic = 2 * size - 2 * fits.loglik[0]
    bic = np.log(counts.sum()) * size - 2 * fits.loglik[0]
    return [counts.sum() + unseen, se, fits.deviance[0], 15 - size, aic, bic]


def newton(counts, design):
    """Fit in plain numpy, by another way: steps on the score, halved until the likelihood grows."""

    def loglik(beta):
        return counts @ (design @ beta) - np.exp(design @ beta).sum()

    beta = np.zeros(design.shape[1])
    beta[0] = np.log(counts.mean())
    for _ in range(200):
        mean = np.exp(design @ beta)
        step = np.linalg.solve(design.T @ (mean[:, None] * design), design.T @ (counts - mean))
        while loglik(beta + step) < loglik(beta) - 1e-9:
            step = step / 2
        beta = beta + step
    return beta


def agrees(found, wanted):
    """Compare with Rcapture; its standard errors come from the last but one step of R's `glm` and are rougher."""
    assert found == pytest.approx(wanted, rel=1e-5)
    assert [*found[:1], *found[2:]] == pytest.approx([*wanted[:1], *wanted[2:]], rel=1e-6)


def test_the_models_of_two_to_five_lists_are_counted():
    assert [len(hierarchical_models(lists)) for lists in (2, 3, 4, 5)] == [1, 8, 113, 6893]
    assert len(set(hierarchical_models(4))) == 113


def test_the_count_agrees_with_rcapture(stored):
    assert int(stored["closedpMS.nmodels"]) == len(hierarchical_models(4))


def test_every_model_holds_the_smaller_interactions_of_its_own():
    for model in hierarchical_models(4):
        for one in model:
            assert all(len(one) == 2 or one - {member} in model for member in one)


def test_the_ten_stored_models_agree_with_rcapture(kosovo, stored):
    names = [name for name in stored.index if name.startswith("closedpMS[")]
    assert len(names) == 10
    for name in names:
        terms = interactions(name.removeprefix("closedpMS[[").removesuffix("]]"))
        wanted = [float(text) for text in stored[name].split(";")]
        agrees(numbers(kosovo, terms), wanted)


def test_the_best_model_by_bic_is_that_of_rcapture(kosovo):
    designs = [capture_design(all_cells(4), model) for model in hierarchical_models(4)]
    fits = fit_log_linear(kosovo, designs)
    bic = np.log(kosovo.sum()) * fits.parameters - 2 * fits.loglik
    best = int(bic.argmin())
    assert fits.unseen[best] + kosovo.sum() == pytest.approx(10356.519, abs=1e-3)
    assert set(hierarchical_models(4)[best]) == set(interactions("123,14,34"))


def test_independence_agrees_with_rcapture(kosovo, stored):
    wanted = [float(text) for text in stored["closedp.t.Mt"].split(";")]
    agrees(numbers(kosovo, []), wanted)


def test_fits_agree_with_statsmodels(kosovo):
    for model in hierarchical_models(4)[::9]:
        design = capture_design(all_cells(4), model)
        fits = fit_log_linear(kosovo, [design])
        peer = sm.GLM(kosovo, design, family=sm.families.Poisson()).fit(tol=1e-12)
        assert fits.effects[0] == pytest.approx(peer.params, rel=1e-6, abs=1e-8)
        assert fits.variance[0] == pytest.approx(peer.cov_params()[0, 0], rel=1e-6)
        assert fits.deviance[0] == pytest.approx(peer.deviance, abs=1e-7)
        assert fits.loglik[0] == pytest.approx(peer.llf, rel=1e-9)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 500), min_size=7, max_size=7), st.integers(0, 7))
def test_the_compiled_fit_agrees_with_plain_numpy(counts, place):
    design = capture_design(all_cells(3), hierarchical_models(3)[place])
    fits = fit_log_linear(np.array(counts, dtype=float), [design])
    size = design.shape[1]
    assert fits.exists[0]
    assert fits.effects[0, :size] == pytest.approx(newton(np.array(counts, dtype=float), design), rel=1e-6, abs=1e-6)


def test_a_batch_gives_what_each_model_gives_alone(kosovo):
    designs = [capture_design(all_cells(4), model) for model in hierarchical_models(4)]
    together = fit_log_linear(kosovo, designs)
    for place in (0, 40, 112):
        alone = fit_log_linear(kosovo, [designs[place]])
        assert alone.unseen[0] == pytest.approx(together.unseen[place], rel=1e-12)


def test_an_empty_margin_has_no_maximum_where_the_model_needs_it():
    counts = np.array([63.0, 55, 0, 69, 17, 21, 0])  # 011 and 111 are empty: nobody is on the last two together
    cells = all_cells(3)
    needs, free = [frozenset({1, 2})], [frozenset({0, 1})]
    fits = fit_log_linear(counts, [capture_design(cells, needs), capture_design(cells, free)])
    assert fits.exists.tolist() == [False, True]
    assert np.isnan(fits.unseen[0])
    assert np.isfinite(fits.unseen[1])


def test_an_empty_cell_alone_leaves_the_maximum():
    counts = np.array([63.0, 55, 0, 69, 17, 21, 28])
    fits = fit_log_linear(counts, [capture_design(all_cells(3), [frozenset({1, 2})])])
    peer = sm.GLM(counts, capture_design(all_cells(3), [frozenset({1, 2})]), family=sm.families.Poisson()).fit(
        tol=1e-12
    )
    assert fits.exists[0]
    assert fits.unseen[0] == pytest.approx(np.exp(peer.params[0]), rel=1e-6)


def test_no_counts_at_all_have_no_maximum():
    assert not fit_log_linear(np.zeros(7), [capture_design(all_cells(3), [])]).exists[0]
