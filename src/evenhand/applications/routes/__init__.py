"""Fair routes."""
