"""How θ moves. A flow integrates the system that a net poses; an optimiser steps down the gradients of an objective.

Decay has one meaning per name. `weight_decay` λ shrinks θ beside whatever else moves it: θ' = -∇L - λθ in a flow, the
factor 1 - ηλ a step in gradient descent and AdamW. `l2` is the λ of a term (λ/2)‖θ‖² in the loss, whose gradient goes
through momentum and Adam's scaling like the rest; torch.optim's SGD and Adam call that `weight_decay`.
"""
