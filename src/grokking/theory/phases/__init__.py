"""The predictors that theory names for the early and the late phase, a module per kind of data.

`references(model, start, data, seed)` solves for them. `align(data, predictors, references)`
measures how close predictors [T, …] are to them.
"""
