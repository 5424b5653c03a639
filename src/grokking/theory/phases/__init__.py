"""What theory names for the early and the late phase of training, a module for each kind of data.

`solutions(model, start)` names the solutions, each with the properties that are known of it beside its scores on the
test set. `columns(names)` are the columns of a comparison with solutions. Both are asked when a config is read, so that
the modules load torch only inside their functions.

`references(model, start, data, seed)` solves for the solutions of the net that a model makes of some data, and
`align(data, predictors, references)` says how close predictors [T, …] are to them.
"""
