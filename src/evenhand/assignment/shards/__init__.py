"""Tables in parts, *shards*, of which only a few are in memory at a time: on disk, or computed when they are needed."""
