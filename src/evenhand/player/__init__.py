"""Play a team that ``evenhand export`` wrote, with NumPy alone: import this package, or copy its folder.

>>> player = load("team.safetensors", tau=0.7)  # doctest: +SKIP
>>> observations, infos = env.reset()  # doctest: +SKIP
>>> while env.agents:  # doctest: +SKIP
...     observations, _, _, _, infos = env.step(player.act(observations, infos))

Beside its observation, each agent sees every agent's share of the work so far, Jain's index of the work so far, and the
episode's *multiplier*, the price of unfairness. The multiplier of each episode is drawn from a lottery between two
that meets the threshold tau at the least cost. The player draws it, and adds what is seen.
"""

from .acting import Player
from .team_file import load

__all__ = ["Player", "load"]
