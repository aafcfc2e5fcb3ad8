"""Benchmarks that anyone can repeat: `make bench`, or `make bench DATA=<folder>` on other instances."""
