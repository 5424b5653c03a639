"""Parts of one's own, a file each: docs/extending.md shows an optimiser, an activation and a net."""
