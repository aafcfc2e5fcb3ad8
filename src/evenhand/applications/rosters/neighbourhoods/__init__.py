"""Improve rosters that are too large to prove: by rows of a few people at a time, and by models of a part."""
