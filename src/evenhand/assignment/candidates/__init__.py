"""Assignment where each task may go to a few candidates among many agents: tables in compressed rows, in shards."""
