"""Compiled loops of the search for fair routes."""
