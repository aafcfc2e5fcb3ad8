"""The learners: multi-agent reinforcement learning under a fairness constraint, compiled together with the environment.

The names below are imported on first use, so that settings can be checked without loading JAX.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from evenhand.errors import MissingExtraError
from evenhand.lazy_names import lazy_names

if TYPE_CHECKING:
    from evenhand.learning.certificates.team_certificate import (
        CertifyTerms as CertifyTerms,
        TeamCertificate as TeamCertificate,
        certify_team as certify_team,
    )
    from evenhand.learning.certificates.trained_response import (
        LearnedGain as LearnedGain,
        learned_response as learned_response,
    )
    from evenhand.learning.check_environment import check as check
    from evenhand.learning.cloning import Clone as Clone
    from evenhand.learning.config import Config as Config
    from evenhand.learning.disturbance import under as under
    from evenhand.learning.disturbance_level import Level as Level
    from evenhand.learning.environment import (
        Entities as Entities,
        EntityEnvironment as EntityEnvironment,
        Environment as Environment,
        Outcome as Outcome,
    )
    from evenhand.learning.evaluation import Evaluation as Evaluation, evaluate as evaluate
    from evenhand.learning.exporting import export as export
    from evenhand.learning.host.environment import FromPettingZoo as FromPettingZoo
    from evenhand.learning.host.tuple_spaces import FromTuples as FromTuples
    from evenhand.learning.jaxmarl import FromJaxMARL as FromJaxMARL
    from evenhand.learning.lottery import Lottery as Lottery
    from evenhand.learning.multiplier_curve import trade_off_curve as trade_off_curve
    from evenhand.learning.pick_multiplier import Picked as Picked, pick as pick
    from evenhand.learning.settings import (
        Disturbance as Disturbance,
        DualSettings as DualSettings,
        ParallelValueSettings as ParallelValueSettings,
        PolicySettings as PolicySettings,
        ValueSettings as ValueSettings,
    )
    from evenhand.learning.training import Run as Run, load as load, train as train
    from evenhand.learning.training_progress import Progress as Progress
    from evenhand.learning.watching import watch as watch

for _library in ("jax", "flax", "optax", "pydantic", "tensorboardX"):
    if find_spec(_library) is None:
        raise MissingExtraError(_library, "learn")

__getattr__, __dir__, __all__ = lazy_names(
    "evenhand.learning",
    {
        "cloning": "Clone",
        "config": "Config",
        "check_environment": "check",
        "multiplier_curve": "trade_off_curve",
        "disturbance": "under",
        "disturbance_level": "Level",
        "environment": "Entities EntityEnvironment Environment Outcome",
        "evaluation": "Evaluation evaluate",
        "host.environment": "FromPettingZoo",
        "exporting": "export",
        "jaxmarl": "FromJaxMARL",
        "certificates.trained_response": "LearnedGain learned_response",
        "lottery": "Lottery",
        "pick_multiplier": "Picked pick",
        "settings": "Disturbance DualSettings ParallelValueSettings PolicySettings ValueSettings",
        "certificates.team_certificate": "CertifyTerms TeamCertificate certify_team",
        "training": "Run load train",
        "training_progress": "Progress",
        "host.tuple_spaces": "FromTuples",
        "watching": "watch",
    },
)
