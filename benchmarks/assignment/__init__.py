"""Benchmark the assignment against other solvers."""
