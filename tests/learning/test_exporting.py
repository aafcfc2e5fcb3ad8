"""An exported team does with NumPy alone what it does in JAX, and a file that is not one is refused."""

from __future__ import annotations

import dataclasses
import importlib
import json
import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from safetensors.numpy import load_file
from tests.docs.doc_pages import blocks
from tests.learning.eager_team import CONFIG, drawn, eager
from tests.learning.first_states import first_states

import evenhand.player
from evenhand import hospital
from evenhand.errors import InputError
from evenhand.hospital.vectorized.reading import state_of
from evenhand.learning import entity_team, export
from evenhand.learning.acting import _act
from evenhand.learning.build import learner_of
from evenhand.learning.conditioning import features as features_of
from evenhand.learning.config import LEARNERS
from evenhand.learning.disturbance import Disturbed, inner, under
from evenhand.learning.disturbance_level import Level
from evenhand.learning.lottery import Lottery
from evenhand.learning.run import Run
from evenhand.learning.settings import Disturbance
from evenhand.learning.team import Team
from evenhand.player import load
from evenhand.player.entities import EntityPolicy, coins
from evenhand.player.lottery import Vertex
from evenhand.player.networks import Flat, inputs, sight
from evenhand.player.team_file import read

CURVE = [Vertex(0.0, 0.6, 0.1, 2000), Vertex(0.5, 0.8, 0.1, 2000), Vertex(1.0, 0.95, 0.05, 2000)]
NEAR = 1e-5
"""Largest difference between scores of NumPy and JAX, as a fraction of the largest; nearer ones may change places."""


@pytest.fixture(autouse=True)
def _curve(monkeypatch):
    """Give every team this curve, for which nothing is played."""
    monkeypatch.setattr("evenhand.learning.exporting.curve_of", lambda *_: CURVE)
    monkeypatch.setattr("evenhand.learning.acting.curve_of", lambda *_: CURVE)


def visited(team, episodes=256, seed=0, steps=None):
    """Return the states of random play under random multipliers: views, workloads and multipliers, (T B, ...)."""
    steps = steps or team.env.horizon

    def one(states, key):
        mask = jax.vmap(team.env.mask)(states)
        actions = jax.random.categorical(key, jnp.where(mask, 0.0, -jnp.inf)).astype(jnp.int32)
        return team.step(key, states, actions)[0], (team.view(states, multiplier), team.workload(states))

    multiplier = jax.random.uniform(jax.random.key(seed), (episodes,), maxval=team.cap).at[::4].set(0.0)
    states = first_states(team, episodes, seed)
    _, (view, work) = jax.lax.scan(one, states, jax.random.split(jax.random.key(seed), steps))
    flat = jax.tree.map(lambda part: np.asarray(part).reshape(-1, *part.shape[2:]), (view, work))
    return *flat, np.tile(np.asarray(multiplier), steps)


@lru_cache
def usual_states():
    """Return the states that undisturbed teams visit, whatever their learner."""
    return visited(eager().learner.team)


@pytest.mark.parametrize(
    ("learner", "changes"),
    [
        *((one, {}) for one in LEARNERS),
        ("mappo", {"conditioned": False}),
        ("vdn", {"conditioned": False}),
        ("mappo", {"policy": dataclasses.replace(CONFIG.policy, share=False)}),
        ("ippo", {"policy": dataclasses.replace(CONFIG.policy, num_layers=0)}),
    ],
)
def test_numpy_does_what_jax_does(learner, changes, tmp_path):
    """In 2,048 states: inputs to rounding, scores to 1e-5 of the largest, actions wherever the best leads by more."""
    run = eager(learner, **changes)
    path = export(run, tmp_path / "team.safetensors")
    description, tensors = read(path)
    view, work, multiplier = usual_states()
    size = run.learner.team.env.observation_size
    agents = inputs(description, sight(view.agents[..., :size], work), np.zeros((len(work), 2, 0)), multiplier)
    np.testing.assert_allclose(agents, view.agents, rtol=1e-6, atol=1e-6)
    network, parameters = run.learner.acting(run.parameters)
    scores, theirs = Flat(description["network"], tensors)(agents), np.asarray(network.apply(parameters, view.agents))
    scale = np.abs(theirs).max()
    np.testing.assert_allclose(scores, theirs, atol=NEAR * scale)
    assert scores.dtype == np.float32

    player = load(path, multiplier=0.0)
    actions = player._choose(agents, view.mask)
    expected = np.asarray(run.learner.act(run.parameters, view))
    possible = np.where(view.mask, theirs, -np.inf)
    lead = np.sort(possible, axis=-1)
    close = lead[..., -1] - lead[..., -2] < 2 * NEAR * scale
    assert close.mean() < 0.01
    assert (actions == expected)[~close].all()
    assert np.take_along_axis(view.mask, actions[..., None], axis=-1).all()
    assert len(np.unique(expected)) > 2, "or little is compared"


def test_where_all_actions_are_alike_the_first_possible_one_is_taken(tmp_path):
    """As JAX does."""
    run = eager()
    parameters = jax.tree.map(jnp.zeros_like, run.parameters)
    run = dataclasses.replace(run, training=run.training._replace(parameters=parameters))
    view, _, _ = usual_states()
    view = view._replace(
        mask=view.mask & (np.arange(view.mask.shape[-1]) > 0) | (view.mask.sum(-1, keepdims=True) == 1)
    )
    player = load(export(run, tmp_path / "team.safetensors"))
    actions = player._choose(view.agents, view.mask)
    np.testing.assert_array_equal(actions, view.mask.argmax(axis=-1))
    np.testing.assert_array_equal(actions, run.learner.act(run.parameters, view))


def test_a_player_from_a_file_is_the_runs(tmp_path):
    """The same lottery, the same draws and the same actions, in a loop over the reference environment."""
    run = eager()
    path = export(run, tmp_path / "team.safetensors", tau=0.7)
    from evenhand import hospital

    env = hospital.make(run.learner.team.env.scenario)
    ours, theirs = run.player(tau=0.7, seed=2), load(path, seed=2)
    assert ours.lottery == theirs.lottery
    assert 0.0 < ours.lottery.share < 1.0
    multipliers = []
    for episode in range(6):
        observations, infos = env.reset(seed=episode)
        while env.agents:
            actions = theirs.act(observations, infos)
            assert actions == ours.act(observations)
            assert theirs.multiplier == ours.multiplier
            observations, _, _, _, infos = env.step(actions)
        multipliers.append(theirs.multiplier.item())
    low, high, share = ours.lottery[:3]
    assert multipliers == Lottery(low, high, share).draw(6, seed=2).tolist()
    assert len(set(multipliers)) == 2


def test_any_threshold_is_played_for(tmp_path):
    """From the same file: what the run would draw; beyond the curve's end the fairest, with a warning."""
    run = eager()
    path = export(run, tmp_path / "team.safetensors", tau=0.7)
    for tau in (0.55, 0.6, 0.7, 0.85, 0.9):
        assert load(path, tau=tau).lottery == run.player(tau=tau).lottery
    assert load(path).lottery == load(path, tau=0.7).lottery != load(path, tau=0.85).lottery
    assert load(path, multiplier=0.3).lottery[:3] == (0.3, 0.3, 0.0)


def test_the_file_is_one_of_safetensors_and_says_what_it_is(tmp_path):
    """Their own library reads it; the description has names, sizes, the curve, tau and the version."""
    run = eager("qmix")
    path = export(run, tmp_path / "team.safetensors", tau=0.8)
    tensors = load_file(path)
    assert {name: tensor.shape for name, tensor in tensors.items()} == {
        "Dense_0.bias": (16,),
        "Dense_0.kernel": (run.learner.team.env.observation_size + 2 + 1 + 4, 16),
        "Dense_1.bias": (7,),
        "Dense_1.kernel": (16, 7),
        "LayerNorm_0.bias": (16,),
        "LayerNorm_0.scale": (16,),
    }
    theirs = run.parameters["utility"]["params"]["Dense_0"]["kernel"]
    np.testing.assert_array_equal(tensors["Dense_0.kernel"], theirs)
    description, _ = read(path)
    assert json.loads((tmp_path / "team.safetensors.json").read_text()) == description
    assert description["evenhand"] == evenhand.__version__
    assert description["network"] == {"kind": "flat", "hidden_size": 16, "num_layers": 1}
    assert (description["learner"], description["fairness"]["tau"], description["horizon"]) == ("qmix", 0.8, 8)
    assert description["agents"] == ["Ada", "Ben"]
    assert description["actions"][0] == "wait"
    assert len(description["actions"]) == description["n_actions"] == 7
    assert len(description["observation"]) == description["observation_size"]
    assert description["observation"][0] == "is Ada"
    assert description["added"][:3] == ["share of the work: Ada", "share of the work: Ben", "Jain's index of the work"]
    assert [vertex["multiplier"] for vertex in description["curve"]] == [0.0, 0.5, 1.0]


def test_a_team_for_one_multiplier_is_exported_for_it(tmp_path):
    run = eager(conditioned=False)
    path = export(run, tmp_path / "team.safetensors")
    with pytest.raises(InputError, match=r"^tau is 0\.7; the team was trained for 0\.85 alone \(conditioned = false\)"):
        load(path, tau=0.7)
    with pytest.raises(InputError, match=r"^tau is 0\.7; the team was trained for 0\.85 alone \(conditioned = false\)"):
        export(run, tmp_path / "other.safetensors", tau=0.7)
    assert not (tmp_path / "other.safetensors").exists()


def test_a_curve_of_shares_is_for_one_threshold(tmp_path):
    """Which episodes meet it depends on it; the run can play others."""
    run = eager(form="share")
    path = export(run, tmp_path / "team.safetensors", tau=0.8)
    assert load(path, tau=0.8).lottery == load(path).lottery == run.player(tau=0.8).lottery
    with pytest.raises(InputError, match=r"^tau is 0\.7; the file's curve counts the episodes that meet 0\.8: export "):
        load(path, tau=0.7)


def test_the_player_plays_where_nothing_else_is_installed(tmp_path):
    """Its folder is copied; neither evenhand nor JAX nor Flax can be imported, and errors are ValueErrors."""
    run = eager()
    export(run, tmp_path / "team.safetensors")
    shutil.copytree(Path(evenhand.player.__file__).parent, tmp_path / "player")
    size = run.learner.team.env.observation_size
    script = f"""
import sys
sys.modules.update(dict.fromkeys(("evenhand", "jax", "flax", "safetensors")))
sys.path.insert(0, {str(tmp_path)!r})
import numpy as np, player
team = player.load({str(tmp_path / "team.safetensors")!r}, multiplier=0.5)
print(team.act(np.zeros((2, {size})), mask=np.ones((2, 7))).tolist())
try:
    team.act(np.zeros((2, 3)))
except ValueError as error:
    print(type(error).__name__, error)
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True)
    first, second = ran.stdout.splitlines()
    ours = run.act(np.zeros((2, size)), mask=np.ones((2, 7)), multiplier=0.5)
    assert json.loads(first) == ours.tolist()
    assert second.startswith(f"ValueError the array of observations has the shape (2, 3); it must end in (2, {size})")


def test_the_dozen_lines_of_pytorch_act_as_the_player_does(tmp_path):
    """Those of docs/how-to/trained-team.md: in a reference episode, and in thousands of states."""
    pytest.importorskip("torch", reason="PyTorch is not installed: the page's lines on it are not run")
    run = eager()
    player = load(export(run, tmp_path / "team.safetensors"), seed=0)
    env = hospital.make(run.learner.team.env.scenario)
    observations, infos = env.reset(seed=0)
    names = {"evenhand": evenhand, "player": player, "observations": observations, "infos": infos}
    names["actions"] = player.act(observations, infos)
    [code] = blocks("how-to/trained-team.md", "python torch")
    exec(code.replace("team.safetensors", str(tmp_path / "team.safetensors")), names)
    view, _, _ = usual_states()
    assert (
        names["choose"](view.agents.copy(), view.mask.copy()) == player._choose(view.agents, view.mask)
    ).mean() > 0.999


def test_importing_the_player_loads_numpy_and_nothing_heavier():
    script = (
        "import sys, evenhand.player; print(*sorted({m.split('.')[0] for m in sys.modules} & {'jax', 'flax', 'numba'}))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True)
    assert ran.stdout.strip() == ""


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """Return the bytes of a team's file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("evenhand.learning.exporting.curve_of", lambda *_: CURVE)
        return export(eager(), tmp_path_factory.mktemp("sound") / "team.safetensors").read_bytes()


def edited(data, **changes):
    """Return a file whose description says something else, with the length of its header mended."""
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    description = json.loads(header["__metadata__"]["evenhand"]) | changes
    header["__metadata__"]["evenhand"] = json.dumps(description)
    head = json.dumps(header).encode()
    return len(head).to_bytes(8, "little") + head + data[8 + length :]


def flipped(data, place):
    """Return the bytes with one bit changed."""
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


NO_TEAM = "is not a team's file that evenhand export wrote, or is cut off"
DAMAGED = r"is damaged or cut off \(its digest does not match\); export the team again"


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda data: b"", NO_TEAM),
        (lambda data: data[:5], NO_TEAM),
        (lambda data: data[:300], NO_TEAM),
        (lambda data: b"\xff" * 100, NO_TEAM),
        (lambda data: (2).to_bytes(8, "little") + b"{}", NO_TEAM),
        (lambda data: (2).to_bytes(8, "little") + b"[]", NO_TEAM),
        (lambda data: data[:-1], DAMAGED),
        (lambda data: data + b"0", DAMAGED),
        (lambda data: flipped(data, len(data) - 7), DAMAGED),
        (lambda data: edited(data, horizon=9), DAMAGED),
        (lambda data: data.replace(b'"shape": [16, 7]', b'"shape": [7, 16]'), DAMAGED),
        (lambda data: edited(data, format=2), r"has the format 2; this player reads format 1: export the team again"),
    ],
)
def test_a_file_that_is_none_is_refused_in_a_line(sound, tmp_path, damage, said):
    path = tmp_path / "team.safetensors"
    path.write_bytes(sound)
    load(path)
    path.write_bytes(damage(sound))
    with pytest.raises(InputError, match=rf"^{path}: {said}$"):
        load(path)


def test_a_missing_file_is_refused_in_a_line(tmp_path):
    with pytest.raises(InputError, match=r"nowhere: cannot be read \(No such file or directory\)$"):
        load(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"cannot be read \(Is a directory\)$"):
        load(tmp_path)


@pytest.mark.parametrize("disturbed", [False, True])
def test_a_program_is_the_policy(disturbed, tmp_path):
    """As bytes, read and compiled again: the actions of an undisturbed or a remembering team in thousands of states."""
    trained = {"disturbance": Disturbance(delay=(0, 1), noise=(0.0, 0.1))} if disturbed else {}
    run = eager(**trained)
    path = export(run, tmp_path / "team.stablehlo")
    takes = assert_program(run, path)
    assert takes == ["observations", "workloads", "multipliers", "masks", "memory"][: 4 + disturbed]


def test_a_team_that_sees_entities_acts_on_observations():
    """The reference environment's hold the whole state, which is read from them."""
    run = eager(network="entity")
    team = run.learner.team
    view, work, _ = visited(team)
    seen, _, _ = usual_states()
    actions = run.act(seen.agents[..., : team.env.observation_size], mask=view.mask, multiplier=0.7)
    features = features_of(jnp.full(len(work), 0.7), team.cap)
    expected = jax.jit(run.learner.act)(run.parameters, with_multiplier(view, features))
    np.testing.assert_array_equal(actions, expected)
    assert len(np.unique(actions)) > 2


@lru_cache
def on_ward(name):
    """Return an untrained team of entities in a ward, and what it sees in random play."""
    env = hospital.make(name, backend="jax")
    learner = learner_of(dataclasses.replace(CONFIG, network="entity"), env)
    training = learner.blank()
    run = Run(CONFIG, learner, training._replace(parameters=drawn(training.parameters)), (), False, 0.0, None)
    return run, visited(Team(env, learner.team.constraint, learner.team.shaper, learner.team.cap), episodes=4, steps=60)


@pytest.mark.parametrize("name", ["ward/6", "ward/24"])
def test_a_team_that_sees_entities_plays_with_numpy(name, tmp_path):
    """In some hundred states of random play: entities and scores to rounding, coins bit for bit, and the actions."""
    run, (view, work, multiplier) = on_ward(name)
    size, n = run.learner.team.env.observation_size, work.shape[1]
    path = export(run, tmp_path / "team.safetensors")
    description, tensors = read(path)
    seen = inputs(description, sight(view.agents[..., :size], work), np.zeros((len(work), n, 0)), multiplier)
    policy = EntityPolicy(description, tensors)
    states = jax.jit(jax.vmap(lambda row: state_of(row, run.learner.team.env.tables)))(view.agents[:, 0, :size])
    theirs = jax.jit(run.learner.team.view)(states, multiplier).agents
    ours = policy.seen(seen)
    for name, part in theirs._asdict().items():
        np.testing.assert_allclose(getattr(ours, name), part, rtol=1e-5, atol=1e-6, err_msg=name)
        assert getattr(ours, name).dtype == np.float32
    network, parameters = run.learner.acting(run.parameters)
    expected = np.asarray(jax.jit(network.apply)(parameters, theirs))
    np.testing.assert_allclose(policy._network(ours), expected, atol=NEAR * np.abs(expected).max())
    # A feature in the middle between two numbers that the hash knows may fall on either side.
    apart = (np.abs(np.asarray(theirs.world) * 4096 % 1 - 0.5) > 1e-2).all(axis=1)
    assert apart.mean() > 0.7
    np.testing.assert_array_equal(coins(ours)[apart], entity_team.coins(theirs)[apart])
    chosen = policy(seen, view.mask)
    acted = np.asarray(_act(run.learner)(run.parameters, seen, view.mask))
    assert (chosen == acted)[apart].mean() > 0.9999
    assert np.take_along_axis(view.mask, chosen[..., None], axis=-1).all()
    assert len(np.unique(acted)) > 5


@pytest.mark.slow
def test_a_team_that_sees_entities_is_exported_as_a_program(tmp_path):
    run = eager(network="entity")
    path = export(run, tmp_path / "team.stablehlo")
    seen, _, _ = usual_states()
    assert assert_program(run, path, seen.agents) == ["observations", "workloads", "multipliers", "masks"]


def assert_program(run, path, seen=None):
    """Check that the program in a file acts as the run does in visited states, for two numbers of episodes."""
    team = under(run.learner, Level()).team if isinstance(run.learner.team.env, Disturbed) else run.learner.team
    size, width = inner(team.env).observation_size, team.env.observation_size
    view, work, multiplier = visited(team)
    seen = view.agents if seen is None else seen
    given = {
        "observations": seen[..., :size],
        "workloads": work,
        "multipliers": multiplier,
        "masks": view.mask,
        "memory": seen[..., getattr(team.env, "sight_size", width) : width],
    }
    signature = json.loads(Path(f"{path}.json").read_text())["program"]
    takes = [array["name"] for array in signature["takes"]]
    for array in signature["takes"]:
        assert array["shape"] == ["episodes", *map(str, given[array["name"]].shape[1:])]
        assert array["type"] == given[array["name"]].dtype.name
    (episodes,) = jax.export.symbolic_shape("episodes")
    shapes = [jax.ShapeDtypeStruct((episodes, *given[name].shape[1:]), given[name].dtype) for name in takes]
    like = jax.export.export(
        jax.jit(lambda *parts: sum(part.sum().astype(int) for part in parts) + view_of(parts, team))
    )(*shapes)
    program = dataclasses.replace(like, mlir_module_serialized=path.read_bytes())
    expected = np.asarray(run.learner.act(run.parameters, view))
    for number in (len(work), 1):
        actions = np.asarray(program.call(*(given[name][:number] for name in takes)))
        assert actions.dtype == np.int32
        assert (actions == expected[:number]).mean() > 0.999
    return takes


def with_multiplier(view, features):
    """Return a view of entities under another multiplier."""
    world = np.concatenate([view.agents.world[:, : -features.shape[1]], features], axis=1)
    entities = view.agents._replace(world=world)
    return view._replace(agents=entities, world=entities)


def view_of(parts, team):
    """Return actions of the right shape, whatever they are."""
    return jnp.zeros((parts[0].shape[0], team.env.n_agents), jnp.int32)


class Other:
    """A network that nobody knows."""


def test_an_unknown_network_is_refused_and_nothing_is_written(tmp_path, monkeypatch):
    run = eager()
    monkeypatch.setattr(type(run.learner), "acting", lambda self, parameters: (Other(), parameters))
    with pytest.raises(InputError, match=r"^the team's network is Other, of which there is no copy in NumPy"):
        export(run, tmp_path / "team.safetensors")
    monkeypatch.delattr(type(run.learner), "acting")
    with pytest.raises(InputError, match=r"^the team's network is ProximalPolicy, of which there is no"):
        export(run, tmp_path / "team.safetensors")
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_whole_or_not_there(tmp_path, monkeypatch):
    """What was there before stays if packing fails, or the disk does."""
    (tmp_path / "team.safetensors").write_text("before")
    module = importlib.import_module("evenhand.learning.exporting")

    def fail(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as failing:
        failing.setattr("os.fsync", fail)
        with pytest.raises(InputError, match="No space left on device"):
            export(eager(), tmp_path / "team.safetensors")
    with monkeypatch.context() as failing:
        failing.setattr(module, "_packed", fail)
        with pytest.raises(OSError, match="No space"):
            export(eager(), tmp_path / "team.safetensors")
    assert [path.name for path in tmp_path.iterdir()] == ["team.safetensors"]
    assert (tmp_path / "team.safetensors").read_text() == "before"
    with pytest.raises(InputError, match=r"the folder .* does not exist"):
        export(eager(), tmp_path / "nowhere" / "team.safetensors")
