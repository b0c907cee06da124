"""Processes that share a machine begin from any program."""

import math
import subprocess
import sys

import pytest

from casualties.inference.processes import process_pool

SCRIPT = """
import math
from casualties.inference.processes import process_pool

print("begun")
with process_pool(2) as pool:
    print(sum(pool.map(math.sqrt, [4.0, 9.0])))
"""


def test_a_script_without_a_guard_is_run_once(tmp_path):
    path = tmp_path / "script.py"
    path.write_text(SCRIPT)
    done = subprocess.run([sys.executable, path], check=True, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("begun\n5.0\n", "")


def test_the_program_is_back_and_an_error_comes_through():
    main = sys.modules["__main__"]
    with process_pool(1) as pool:
        failed = pool.submit(math.sqrt, -1.0)
        assert sys.modules["__main__"] is main
        with pytest.raises(ValueError, match=r"math domain|nonnegative"):
            failed.result()
