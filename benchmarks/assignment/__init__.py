"""Time the assignment beside its peers."""
