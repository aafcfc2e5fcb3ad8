"""Generated conferences: sparse affinities of papers and reviewers from mixtures of topics, conflicts left out."""

from __future__ import annotations

import numpy as np

from evenhand.tables.candidate_table import CandidateTable

TOPICS, CONFLICTS = 25, 0.002
"""Topics per thousand reviewers, and part of all pairs with a conflict of interest, who are no candidates."""


def conference(papers: int, reviewers: int, seed: int, *, fewest: int = 50, most: int = 150) -> CandidateTable:
    """Return affinities in (0, 1] of each paper with its `fewest` to `most` candidates, the nearest by topics.

    Papers and reviewers are mixtures of a few topics of unequal popularity; an affinity is the cosine of two mixtures
    with noise, as of text models, rounded to three digits. Each paper also lists a few reviewers by chance, as bids do.
    """
    random = np.random.default_rng([seed, papers, reviewers])
    topics = max(8, round(TOPICS * reviewers / 1000))
    popular = random.dirichlet(np.full(topics, 2.0))
    paper, reviewer = _mixtures(random, papers, popular, 2), _mixtures(random, reviewers, popular, 4)
    starts, agents, values = [0], [], []
    for first in range(0, papers, 1000):
        block = paper[first : first + 1000] @ reviewer.T
        block = np.clip(block * random.uniform(0.4, 0.9, block.shape) + random.uniform(0.0, 0.1, block.shape), 0.0, 1.0)
        block[random.random(block.shape) < CONFLICTS] = -1.0
        for row in block:
            count = int(random.integers(fewest, most + 1))
            chance = random.choice(reviewers, max(2, count // 10), replace=False)
            near = np.argpartition(-row, count)[:count]
            listed = np.unique(np.concatenate([near, chance]))
            listed = listed[row[listed] >= 0.0]
            starts.append(starts[-1] + len(listed))
            agents.append(listed.astype(np.int32))
            values.append(np.maximum(np.round(row[listed], 3), 0.001))
    return CandidateTable.of_arrays(
        np.array(starts), np.concatenate(agents), np.concatenate(values), agents=reviewers, source="affinities"
    )


def _mixtures(random: np.random.Generator, count: int, popular: np.ndarray, fewest: int) -> np.ndarray:
    """Return unit vectors of topics, shape (count, topics)."""
    weights = np.zeros((count, len(popular)))
    for row in weights:
        some = random.choice(len(popular), int(random.integers(fewest, fewest + 3)), replace=False, p=popular)
        row[some] = random.dirichlet(np.ones(len(some)))
    return weights / np.linalg.norm(weights, axis=1, keepdims=True)
