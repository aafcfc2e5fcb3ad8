"""Fair-GNE on JaxMARL's Overcooked through the adapter: a soup, with and without a bound on who handles how much.

    python -m benchmarks.overcooked            (JaxMARL is no dependency: pip install jaxmarl)

One cook of the layout ``asymm_advantages`` stands near the onions, the other near the counter where soups are served.
Taking something up, putting it down or handing it in is work; the first soup is success.
"""

from __future__ import annotations

import argparse
import warnings
from typing import TYPE_CHECKING, Any

from evenhand.learning.config import Config
from evenhand.learning.evaluation import evaluate
from evenhand.learning.jaxmarl import FromJaxMARL
from evenhand.learning.settings import DualSettings, PolicySettings
from evenhand.learning.training import train

if TYPE_CHECKING:
    from jax import Array

HORIZON = 100
SOUP = 20.0
"""JaxMARL's reward for a soup."""
SHAPED = 0.3
"""Part of JaxMARL's rewards for steps on the way: with all of it, cooks collect plates for their own sake."""
PACE = 0.3 / HORIZON
"""Price of a step."""


def kitchen() -> FromJaxMARL:
    """Return Overcooked for the learners."""
    import jaxmarl
    from jaxmarl.environments.overcooked import overcooked_layouts

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        inner = jaxmarl.make("overcooked", layout=overcooked_layouts["asymm_advantages"], max_steps=HORIZON)
    return FromJaxMARL(inner, handled, success=lambda state: state.score >= SOUP, reward=reward)


def handled(before: Any, actions: Array, after: Any) -> Array:
    """Tell who has now something else in hand, or nothing."""
    del actions
    return before.agent_inv != after.agent_inv


def reward(rewards: dict[str, Array], infos: Any) -> Array:
    """Return the team's reward: about 1 for the soup."""
    return (rewards["agent_0"] + SHAPED * sum(infos["shaped_reward"].values())) / SOUP - PACE


def asked(method: str, steps: int, seed: int) -> Config:
    """Return the configuration of a run."""
    sizes = PolicySettings(num_steps=32)
    # Episodes are long here, and few: one team for one threshold, and a quicker controller.
    dual = DualSettings(step_size=0.1)
    return Config(
        learner="ippo", method=method, tau=0.95, conditioned=False, steps=steps, seed=seed, dual=dual, policy=sizes
    )


def main() -> None:
    """Train both teams and print what they do."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=float, default=1.5e6)
    parser.add_argument("--seeds", type=int, default=1)
    given = parser.parse_args()
    env = kitchen()
    print("| method | seed | success | steps | Jain | handled by each | lambda | steps/s |")
    print("|---|---:|---:|---:|---:|---|---:|---:|")
    for method in ("none", "fair-gne"):
        for seed in range(given.seeds):
            run = train(asked(method, int(given.steps), seed), env=env)
            record = evaluate(run.learner, run.parameters, episodes=1000, seed=1, multiplier=run.multiplier)
            work = " ".join(f"{agent.value:.1f}" for agent in record.workload[record.workload_definition])
            numbers = (
                f"{record.success.value:.3f} | {record.episode_steps.value:.1f} | {record.jain.value:.3f} | {work}"
            )
            speed = run.reports[-1].steps_per_second
            print(f"| {method} | {seed} | {numbers} | {run.multiplier:.2f} | {speed:,.0f} |", flush=True)


if __name__ == "__main__":
    main()
