"""What theory names for the early and the late phase of a run, a module for each kind of data.

`references(problem, data)` solves it; `align(data, predictors, references)` says how close predictors [T, …] are to it.
"""
