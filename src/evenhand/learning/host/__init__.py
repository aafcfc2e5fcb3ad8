"""PettingZoo's environments, played in plain Python by worker processes."""
