"""What the papers report, each number with where it stands; nothing here is ours."""

from __future__ import annotations

PAPER = {
    "title": "Fair-GNE: generalized Nash equilibrium-seeking fairness in multiagent healthcare automation",
    "authors": "Promise Ekpo, Saesha Agarwal, Felix Grimm, Lekan Molu, Angelique Taylor",
    "link": "https://arxiv.org/abs/2511.14135",
}
TAU = 0.85
"""Threshold of the main comparison (arXiv 2511.14135, results)."""
JAIN, JAIN_FIXED = 0.89, 0.33
"""Mean Jain index of Fair-GNE and of the fixed penalty (arXiv 2511.14135, abstract)."""
IMPROVEMENT = 1.68
"""Of the index over the fixed penalty, relative (arXiv 2511.14135, abstract)."""
SIGNIFICANCE = 0.01
"""p is below this for that difference (arXiv 2511.14135, abstract); test and number of seeds are not known."""
SUCCESS = {0.85: 0.86, 0.55: 0.92}
"""Task success by threshold (arXiv 2511.14135, results; values between are not known)."""
KKT = 0.95
"""Least rate at which the conditions hold (arXiv 2511.14135, results; how it was measured is not known)."""
SKILLS = "arXiv 2508.18708"
"""FairSkillMARL: pricing skill misalignment too raises alignment, at a comparable or lower disparity (abstract)."""
