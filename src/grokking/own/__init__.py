"""A user's own parts, activations and figures, one file each: see docs/extending.md."""
