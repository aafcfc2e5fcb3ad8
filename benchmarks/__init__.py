"""Measurements that anyone can repeat: `make bench`, or `make bench DATA=<folder>` on instances of one's own."""
