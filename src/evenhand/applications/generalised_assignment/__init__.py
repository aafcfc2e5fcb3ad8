r"""Generalised assignment: tasks of different size for agents of limited capacity, fairly used.

Agents i, tasks j, costs :math:`c_{ij}`, sizes :math:`a_{ij}` (what task j takes of agent i), capacities :math:`b_i`:

.. math::

   \min \sum_{ij} c_{ij} x_{ij} \quad \text{subject to} \quad \sum_i x_{ij} = 1, \quad
   \sum_j a_{ij} x_{ij} \le b_i, \quad x \in \{0, 1\}, \quad \Big(\sum_j h_{ij} x_{ij}\Big)_i \text{ fair}.

The load h is the capacity used, unless burdens of its own are given. With `maximise`, costs are profits. With
`relative`, fair is the part of each agent's capacity that is used: the same member with the capacities as entitlements.
Without capacities, :func:`evenhand.assign` solves the problem faster, and with a certificate.

Source: D. G. Cattrysse and L. N. Van Wassenhove, A survey of algorithms for the generalized assignment problem,
European Journal of Operational Research 60, 1992.
"""

from __future__ import annotations

from evenhand.applications.generalised_assignment.generate import generate
from evenhand.applications.generalised_assignment.orlib import parse_orlib, read_orlib
from evenhand.applications.generalised_assignment.problem import Problem
from evenhand.applications.generalised_assignment.result import GeneralisedAssignment
from evenhand.applications.generalised_assignment.solve import fairest_assignment, solve

__all__ = ["GeneralisedAssignment", "Problem", "fairest_assignment", "generate", "parse_orlib", "read_orlib", "solve"]
