"""Tasks: what is learned. Each draws its data as a pure function of its parameters and a seed."""
