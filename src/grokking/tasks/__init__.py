"""Tasks: the data that a net learns, drawn as a pure function of parameters and seed."""
