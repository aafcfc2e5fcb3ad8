"""Experiments: sweeps over anything, and the reproductions that are made of them."""
