"""The learners that train under the Fair-GNE layer, environment and learning in one compiled loop."""

from __future__ import annotations
