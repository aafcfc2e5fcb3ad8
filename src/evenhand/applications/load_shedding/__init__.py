r"""Load shedding on a power network, shared fairly among the loads.

After outages, generation and lines may be unable to serve all demand, and some power must be shed. Shedding as little
as possible usually puts nearly all of it on a few loads. There are buses b, generators g, loads d with demand
:math:`P_d`, and branches e = (i, j):

.. math::

   \min \sum_d w_d s_d \quad \text{subject to} \quad
   \sum_{g \in b} p_g + \sum_{d \in b} s_d = P_b + G_b + \sum_{e = (b, \cdot)} f_e - \sum_{e = (\cdot, b)} f_e, \\
   f_e = B_e (\theta_i - \theta_j), \quad |f_e| \le F_e, \quad
   \theta^-_e \le \theta_i - \theta_j \le \theta^+_e, \quad
   \underline p_g \le p_g \le \overline p_g, \quad 0 \le s_d \le P_d, \quad s \text{ fair}.

Unless plants must run (`must_run`), every plant may produce nothing, and a shunt may draw any part of its :math:`G_b`.
Fairness is of the power shed in MW; or with `fractions`, of the fraction of each load's demand: the same member with
the demands as entitlements. Susceptances are those of the series impedance, :math:`B = x / (r^2 + x^2)`, as in the
study below; or with ``approximation="reactance"``, MATPOWER's :math:`B = 1 / (x \tau)` with phase shifts.

Sources: K. Sundar, D. Deka and R. Bent, A parametric, second-order cone representable model of fairness for
decision-making problems, Optimization and Engineering, 2025 (arXiv 2412.05143); Fairly Extreme, arXiv 2310.01348.
"""

from __future__ import annotations

from evenhand.applications.load_shedding.generated_networks import format_case, generate_network
from evenhand.applications.load_shedding.matpower import parse_case, read_case
from evenhand.applications.load_shedding.network import PowerNetwork
from evenhand.applications.load_shedding.network_layout import positions
from evenhand.applications.load_shedding.shedding_result import LoadShedding
from evenhand.applications.load_shedding.solve_shedding import fairest_shedding, solve

__all__ = [
    "LoadShedding",
    "PowerNetwork",
    "fairest_shedding",
    "format_case",
    "generate_network",
    "parse_case",
    "positions",
    "read_case",
    "solve",
]
