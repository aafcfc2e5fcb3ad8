"""The learners that train under the Fair-GNE layer, environment and learning in one compiled loop."""

from __future__ import annotations

from importlib.util import find_spec

from evenhand.errors import MissingExtraError

for _library in ("jax", "flax", "optax", "pydantic", "tensorboardX"):
    if find_spec(_library) is None:
        raise MissingExtraError(_library, "learn")
