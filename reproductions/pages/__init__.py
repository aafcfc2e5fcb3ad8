"""The page of a reproduction: what a paper says and what we find, figure by figure, from a document alone."""

from __future__ import annotations

from reproductions.pages.page import page

__all__ = ["page"]
