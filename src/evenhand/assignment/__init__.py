"""The multi-agent assignment problem with a bound on dispersion: exact solutions with certificates."""

from __future__ import annotations

from evenhand.assignment.assign import assign
from evenhand.assignment.assignment_frontier import frontier, price_of_fairness
from evenhand.assignment.assignment_result import Assignment, Attainable, Certificate
from evenhand.assignment.attainable import max_epsilon
from evenhand.assignment.explain import explain
from evenhand.assignment.explanation import Explanation
from evenhand.assignment.progress_clock import Progress
from evenhand.assignment.proof_file import TreeProof
from evenhand.assignment.rules.explain_rules import RuledExplanation, explain_rules
from evenhand.assignment.rules.rule import Limits, Rule
from evenhand.assignment.rules.ruled_assignment import RuledAssignment
from evenhand.assignment.shards.assign_shards import assign_shards
from evenhand.assignment.shards.computed_shards import DistanceShards
from evenhand.assignment.shards.ray_engine import RayEngine
from evenhand.assignment.shards.sharded_assignment import ShardedAssignment
from evenhand.assignment.shards.verify_plan import verify_plan
from evenhand.assignment.verdict import Verdict
from evenhand.assignment.verify import verify

__all__ = [
    "Assignment",
    "Attainable",
    "Certificate",
    "DistanceShards",
    "Explanation",
    "Limits",
    "Progress",
    "RayEngine",
    "Rule",
    "RuledAssignment",
    "RuledExplanation",
    "ShardedAssignment",
    "TreeProof",
    "Verdict",
    "assign",
    "assign_shards",
    "explain",
    "explain_rules",
    "frontier",
    "max_epsilon",
    "price_of_fairness",
    "verify",
    "verify_plan",
]
