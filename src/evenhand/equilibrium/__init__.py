"""Certificates for equilibria of finite games with a shared constraint: who would gain by deviating, and how much.

:func:`certify` computes for each agent its best deviation while the others keep their policies, with and without the
constraint that all agents share. A game comes as arrays (:class:`FiniteGame`) or in layers, enumerated on demand
(:class:`LayeredGame`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evenhand.lazy_names import lazy_names

if TYPE_CHECKING:
    from evenhand.equilibrium.certificate import (
        KKT as KKT,
        AgentCertificate as AgentCertificate,
        Certificate as Certificate,
        Deviation as Deviation,
        SelfishDeviation as SelfishDeviation,
        Witness as Witness,
    )
    from evenhand.equilibrium.certifying import certify as certify, hull_slope as hull_slope, kkt as kkt
    from evenhand.equilibrium.finite_game import FiniteGame as FiniteGame
    from evenhand.equilibrium.layers import Layer as Layer, LayeredGame as LayeredGame
    from evenhand.equilibrium.outcome import Interval as Interval, Outcome as Outcome, Scale as Scale
    from evenhand.equilibrium.replaying import replay as replay

__getattr__, __dir__, __all__ = lazy_names(
    "evenhand.equilibrium",
    {
        "certificate": "AgentCertificate Certificate Deviation KKT SelfishDeviation Witness",
        "certifying": "certify hull_slope kkt",
        "finite_game": "FiniteGame",
        "layers": "Layer LayeredGame",
        "outcome": "Interval Outcome Scale",
        "replaying": "replay",
    },
)
