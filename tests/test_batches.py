"""Portions are the same and in order whatever the number of threads; what a task raises comes out."""

import threading

import numpy as np
import pytest

from casualties.errors import InputError
from casualties.inference.batches import run_batches


@pytest.mark.parametrize("threads", [None, 1, 2, 7])
@pytest.mark.parametrize(("count", "size"), [(0, 4), (1, 4), (4, 4), (9, 4), (200, 64)])
def test_portions_are_the_same_whatever_the_number_of_threads(threads, count, size):
    portions = run_batches(lambda start, stop: (start, stop), count, threads, size=size)
    assert [item for start, stop in portions for item in range(start, stop)] == list(range(count))
    assert all(stop - start == size for start, stop in portions[:-1])


def test_portions_may_write_into_shared_rows():
    table = np.zeros((100, 3))

    def task(start, stop):
        table[start:stop] = np.arange(start, stop)[:, None]

    run_batches(task, 100, 4, size=8)
    np.testing.assert_array_equal(table[:, 0], np.arange(100))


def test_two_threads_are_at_work_together():
    # Each portion waits for the other: with one thread alone the barrier would break.
    barrier = threading.Barrier(2, timeout=20)
    assert sorted(run_batches(lambda start, stop: barrier.wait(), 2, 2, size=1)) == [0, 1]


@pytest.mark.parametrize("threads", [1, 3])
def test_what_a_task_raises_comes_out_the_earliest_portion_first(threads):
    def task(start, stop):
        if start >= 4:
            raise InputError("no answer", row=start)
        return start

    with pytest.raises(InputError, match="row 4: no answer"):
        run_batches(task, 40, threads, size=2)


@pytest.mark.parametrize(("arguments", "name"), [({"threads": 0}, "threads"), ({"size": 0}, "size")])
def test_threads_and_size_are_at_least_one(arguments, name):
    with pytest.raises(InputError, match=f"{name}.*at least 1"):
        run_batches(lambda start, stop: None, 3, **arguments)
