"""Figures of estimates: curves and points with intervals, in panels, with the numbers behind them."""
