"""A run carried out: where it starts, how it is trained, when it stops, what it leaves."""
