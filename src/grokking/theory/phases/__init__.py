"""The predictors that theory names for the early and the late phase, a module per kind of data.

`solutions(model, start)` names them, each with the properties that are known beside its scores on
the test set, and `columns(names)` are the columns of a comparison. Both are asked when a config is
read: the modules load torch only inside functions.

`references(model, start, data, seed)` solves for them. `align(data, predictors, references)`
measures how close predictors [T, …] are to them.
"""
