"""What theory names for the early and the late phase of training, a module for each kind of data.

`references(model, start, data, seed)` solves it, for the net that a model makes of some data; `align(data, predictors,
references)` says how close predictors [T, …] are to it.
"""
