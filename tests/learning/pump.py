"""The game of docs/how-to/own-environment.md: three agents at one pump; the quickest way is unfair."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "own-environment.md").read_text(encoding="utf-8")
PLAIN_BLOCKS = re.findall(r"```python pettingzoo\n(.*?)```", PAGE, re.DOTALL)
"""The code of the door for PettingZoo, from top to bottom."""
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
"""The code of the door for JAX, from top to bottom."""


def names_of_the_game():
    """Run the page's first block, the game itself, and return its names."""
    names = {"__name__": "own_environment"}
    exec(BLOCKS[0], names)
    return names
