"""What a sweep's file says becomes trials, and whatever is wrong with it is said in one line before anything is run."""

from __future__ import annotations

import pytest
from tests.sweeps import sweep_tasks

from evenhand.errors import InputError
from evenhand.sweeps import Sweep

WHOLE, KEYS = (f"{sweep_tasks.__name__}:{name}" for name in ("square", "keys"))


def read(tmp_path, text):
    file = tmp_path / "sweep.toml"
    file.write_text(text)
    return Sweep.read(file)


def test_cases_times_grid_times_seeds(tmp_path):
    sweep = read(
        tmp_path,
        f"""
        task = "{WHOLE}"
        seeds = 2
        timeout = 30
        [fixed]
        n = 5
        [grid]
        epsilon = [0.1, 0.9]
        p = [2, inf]
        [[cases]]
        method = "a"
        [[cases]]
        method = "b"
        rate = 0.5
        """,
    )
    assert sweep.timeout == 30
    expected = [
        {"n": 5, **case, "epsilon": epsilon, "p": p, "seed": seed}
        for case in ({"method": "a"}, {"method": "b", "rate": 0.5})
        for epsilon in (0.1, 0.9)
        for p in (2, "inf")
        for seed in (0, 1)
    ]
    assert [trial.config for trial in sweep.trials] == expected


def test_keys_with_dots_and_tables_are_the_same(tmp_path):
    dotted = f'task = "{WHOLE}"\nfixed.dual.kp = 1\ngrid.dual.cap = [3, 4]'
    quoted = f'task = "{WHOLE}"\n[fixed]\n"dual.kp" = 1\n[grid]\n"dual.cap" = [3, 4]'
    trials = read(tmp_path, dotted).trials
    assert trials == read(tmp_path, quoted).trials
    assert [trial.config for trial in trials] == [{"dual": {"kp": 1, "cap": 3}}, {"dual": {"kp": 1, "cap": 4}}]


def test_a_list_as_a_value_stays_one(tmp_path):
    sweep = read(tmp_path, f'task = "{WHOLE}"\nseeds = [0, 7]\ngrid.taus = [[0.5, 0.6], [0.7]]')
    assert [trial.config["taus"] for trial in sweep.trials] == [[0.5, 0.6], [0.5, 0.6], [0.7], [0.7]]
    assert [trial.config["seed"] for trial in sweep.trials] == [0, 7, 0, 7]


def test_without_anything_to_vary_it_is_one_trial(tmp_path):
    [trial] = read(tmp_path, f'task = "{WHOLE}"\nfixed.x = 3').trials
    assert trial.config == {"x": 3}


def test_a_function_of_ones_own_may_take_its_keys_as_arguments(tmp_path):
    [trial] = read(tmp_path, f'task = "{KEYS}"\n[fixed]\nx = 3\n').trials
    assert trial.config == {"x": 3}


ASSIGN = 'task = "assign"\nfixed.epsilon = 0.5\n'
TRAIN = 'task = "train"\n'
PLAN = 'task = "plan"\n'
BAD = {
    "": 'sweep.toml: task is None; it must be the name of a task, as in task = "assign"',
    "task = ": "is not TOML",
    'task = "asign"': "task 'asign' is not known; did you mean 'assign'?",
    'task = "nonsense"': "task 'nonsense' is not known; use one of assign, train, plan (or module:function",
    'task = "absent_module:run"': "module absent_module cannot be imported: No module named 'absent_module'",
    f'task = "{sweep_tasks.__name__}:absent"': "has no function absent",
    ASSIGN + "sedes = 3": "sweep.toml: sedes is not a key; did you mean 'seeds'?",
    ASSIGN + "[grid]": "grid is empty; give a list of values for a key",
    ASSIGN + "grid.tasks = []": "grid.tasks is empty; give at least one value",
    ASSIGN + "grid.tasks = 3": "grid.tasks is 3; it must be a list of values (one value: under [fixed])",
    ASSIGN + "grid = 3": "grid is 3; it must be a table, [grid]",
    ASSIGN + "cases = []": "cases must be tables, each beginning with [[cases]]",
    ASSIGN + "grid.epsilon = [0.1]": "epsilon is set by fixed and by grid; leave it out of one of them",
    ASSIGN + "seeds = 2\nfixed.seed = 1": "seed is set by fixed and by seeds",
    ASSIGN + "seeds = 0": "seeds is 0; it must be a number of seeds (3) or a list of them",
    ASSIGN + "seeds = [0, -1]": "seeds is [0, -1]; it must be a number of seeds (3) or a list of them",
    ASSIGN + "timeout = 0": "timeout is 0; it must be a number of seconds above 0",
    ASSIGN + 'timeout = "long"': "timeout is 'long'; it must be a number of seconds above 0",
    ASSIGN + "grid.tasks = [3, 3]": "trial epsilon=0.5, tasks=3: asked for twice; leave out one of the equal values",
    ASSIGN + "grid.tasks = [3, 3.0]": "trial epsilon=0.5, tasks=3.0: asked for twice; leave out one of the equal",
    ASSIGN + "fixed.day = 2026-01-01": 'sweep.toml: fixed.day is the date or time 2026-01-01; write it as text, "2026',
    ASSIGN + "grid.tasks = [3, nan]": "sweep.toml: grid.tasks is nan; it must be a number, or left out",
    ASSIGN + "fixed.gap = -1": "gap is -1.0; it must be a relative gap, a number in [0, 1), such as 1e-4",
    ASSIGN + "fixed.time_limit = 0": "time_limit is 0.0; it must be a number of seconds above 0, or None",
    f'task = "{WHOLE}"\nfixed.dual = 3\ngrid."dual.cap" = [2]': (
        "sweep.toml: dual is set by fixed and dual.cap by grid; dual is either a value or a section, not both"
    ),
    f'task = "{WHOLE}"\n[fixed]\n"a.b" = 3\n"a.b.c" = 1': "a.b is set by fixed and a.b.c by fixed; a.b is either",
    f'task = "{WHOLE}"\nseeds = 2\n[[cases]]\na = 1\n[[cases]]\nseed.a = 1': "seed is set by seeds and seed.a by cases",
    ASSIGN + "grid.agnets = [3]": "trial epsilon=0.5, agnets=3: agnets is not a key; did you mean 'agents'?",
    ASSIGN + 'grid.agents = [3, "many"]': "agents=many: agents is 'many'; it must be a whole number",
    ASSIGN + "fixed.agents = 2.5": "agents is 2.5; it must be a whole number",
    ASSIGN + "fixed.agents = 1": "agents is 1; it must be at least 2",
    ASSIGN + 'fixed.p = "two"': "p is 'two'; it must be a number",
    ASSIGN + "fixed.p = 1": "p is 1.0; it must be a number from 2, or infinity",
    ASSIGN + "fixed.jain = 0.5": "give exactly one measure of fairness, not epsilon and jain",
    ASSIGN + 'fixed.data = "absent.csv"': "absent.csv: there is no such file",
    ASSIGN + 'fixed.distribution = "sphere"': "distribution is 'sphere'; it must be one of 'plane' or 'nursing'",
    'task = "assign"': (
        "say how fair it must be: give one of epsilon, jain, cv, max_over_mean, least_over_mean, top_share, gini, "
        "hoover or range"
    ),
    'task = "assign"\nfixed.epsilon = 1.5': "1.5",
    TRAIN + "fixed.learning = 1": "learning is not a key; did you mean 'learner'?",
    TRAIN + "fixed.dual.capp = 1": "dual.capp is not a key; did you mean 'cap'?",
    TRAIN + "fixed.tau = 2.0": "tau is 2.0; it must be a number above 0, at most 1",
    TRAIN + "fixed.taus = []": "taus is []; it must be a list of thresholds",
    TRAIN + "fixed.taus = [0.5, 2]": "taus is 2; it must be a number above 0, at most 1",
    TRAIN + "fixed.episodes = 0": "episodes is 0; it must be a whole number from 1",
    TRAIN
    + 'fixed.scenario = "lone-exprt"': "scenario: no scenario is called 'lone-exprt'; did you mean 'lone-expert'?",
    PLAN + "fixed.jain = 0.5": "scenario is missing; the task needs it",
    PLAN + 'fixed.scenario = "lone-expert"\nfixed.jain = 2': "jain is 2.0; it must be a number from 0 to 1",
    PLAN + 'fixed.scenario = "lone-expert"\nfixed.starts = 0': "starts is 0; it must be a whole number from 1",
    PLAN + 'fixed.scenario = "lone-expert"\nfixed.seed = -1': "seed is -1; it must be a whole number from 0",
    f'task = "{KEYS}"\nfixed.x = 1\nfixed.z = 1': "z is not a key; known are x, y",
    f'task = "{KEYS}"\nfixed.y = 1': "x is missing; the task needs it",
}


@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
def test_one_line_says_what_is_wrong(tmp_path, text):
    with pytest.raises(InputError) as refused:
        read(tmp_path, text)
    assert BAD[text] in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


def test_too_many_trials_are_refused_before_they_are_written_down(tmp_path):
    numbers = list(range(1000))
    with pytest.raises(InputError, match="1,000,000,000 trials are asked for; at most 1,000,000 are possible"):
        read(tmp_path, f'task = "{WHOLE}"\n[grid]\na = {numbers}\nb = {numbers}\nc = {numbers}')
