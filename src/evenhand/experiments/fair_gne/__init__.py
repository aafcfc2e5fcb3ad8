"""The reproduction of the Fair-GNE paper, and of what it leaves open."""
