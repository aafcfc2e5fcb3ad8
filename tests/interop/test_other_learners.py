"""FairGNE around learners that are not ours: Stable-Baselines3 through SuperSuit, and BenchMARL on TorchRL.

They need PyTorch, which evenhand does not: install them in an environment of their own, ``pip install supersuit
stable-baselines3`` or ``pip install benchmarl``, and run this file there, ``python -m pytest -m ""
tests/interop/test_other_learners.py -rs -s``. The code is that of docs/how-to/other-learners.md.
"""

from __future__ import annotations

import importlib
import re
import sys
import types
from pathlib import Path

import numpy as np
import pytest

# Warnings of other people's packages about each other are not ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore")

GUIDES = Path(__file__).parents[2] / "docs" / "how-to"
EPISODES, SEEDS = 100, 3


def pump():
    """Return the game of the page on own environments."""
    names = {}
    page = (GUIDES / "own-environment.md").read_text(encoding="utf-8")
    exec(re.search(r"```python pettingzoo\n(.*?)```", page, re.DOTALL)[1], names)
    names["PlainPump"].render_mode = None
    return names["PlainPump"]


def trained(info, steps, folder, seed=0):
    """Run the page's code for one library, as a module, for BenchMARL pickles its task; return the names."""
    importlib.import_module("torch").set_num_threads(1)  # small networks: more threads only wait for each other
    module = sys.modules["page_on_other_learners"] = types.ModuleType("page_on_other_learners")
    names = module.__dict__
    names |= {"PlainPump": pump(), "STEPS": steps, "SEED": seed, "FOLDER": str(folder)}
    page = (GUIDES / "other-learners.md").read_text(encoding="utf-8")
    exec(re.search(rf"```python {info}\n(.*?)```", page, re.DOTALL)[1], names)
    return names


@pytest.mark.parametrize(("module", "info"), [("stable_baselines3", "sb3"), ("benchmarl", "benchmarl")])
def test_it_trains_with_the_price_of_unfairness(module, info, tmp_path):
    """A short run: the controller has seen episodes, and the multiplier rises while the team is unfair."""
    pytest.importorskip(module, reason=f"{module} is not installed: the module says how to run this")
    names = trained(info, 1_600, tmp_path)
    assert names["fair"].multiplier > 0.0
    assert len(names["evaluate"](3)) == 3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "info", "steps"), [("stable_baselines3", "sb3", 24_000), ("benchmarl", "benchmarl", 16_000)]
)
def test_it_learns_to_share(module, info, steps, tmp_path):
    """The quickest team has an index of 1/3; the threshold of .85 is met on average, for ascent swings around it."""
    pytest.importorskip(module, reason=f"{module} is not installed: the module says how to run this")
    ends = []
    for seed in range(SEEDS):
        names = trained(info, steps, tmp_path, seed)
        ends.append(np.mean(names["evaluate"](EPISODES), axis=0))
        jain, success = ends[-1]
        force = names["fair"].multiplier
        print(f"\n{info}, seed {seed}: Jain {jain:.3f}, success {success:.3f}, multiplier {force:.2f}")
    assert np.mean(ends, axis=0)[0] >= 0.84
    assert np.min(ends, axis=0)[0] >= 0.6
    assert np.min(ends, axis=0)[1] >= 0.95
