r"""Generalised assignment with fair loads: tasks of different sizes for agents of limited capacity.

There are agents i, tasks j, costs :math:`c_{ij}`, sizes :math:`a_{ij}` (the capacity that task j takes of agent i) and
capacities :math:`b_i`:

.. math::

   \min \sum_{ij} c_{ij} x_{ij} \quad \text{subject to} \quad \sum_i x_{ij} = 1, \quad
   \sum_j a_{ij} x_{ij} \le b_i, \quad x \in \{0, 1\}, \quad \Big(\sum_j h_{ij} x_{ij}\Big)_i \text{ fair}.

The burden :math:`h_{ij}` is the size :math:`a_{ij}`, unless burdens are given. With `maximise`, costs are profits. With
`relative`, fairness is of loads over capacities: the same member with the capacities as entitlements. Without
capacities, :func:`evenhand.assign` solves the problem faster, and with a certificate.

Source: D. G. Cattrysse and L. N. Van Wassenhove, A survey of algorithms for the generalized assignment problem,
European Journal of Operational Research 60, 1992.
"""

from __future__ import annotations

from evenhand.applications.generalised_assignment.generalised_instances import generate
from evenhand.applications.generalised_assignment.generalised_problem import Problem
from evenhand.applications.generalised_assignment.generalised_result import GeneralisedAssignment
from evenhand.applications.generalised_assignment.orlib import parse_orlib, read_orlib
from evenhand.applications.generalised_assignment.solve_generalised import fairest_assignment, solve

__all__ = ["GeneralisedAssignment", "Problem", "fairest_assignment", "generate", "parse_orlib", "read_orlib", "solve"]
