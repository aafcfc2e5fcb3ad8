"""Figures of estimates: curves and points with their intervals, in panels, with the numbers behind them."""
