"""How θ moves: a flow integrates θ' = -∇L - λθ, an optimiser takes steps along gradients.

Decay has one meaning per name. `weight_decay` λ shrinks θ separately from the gradient: by -λθ in a
flow, by the factor 1 - ηλ a step in gradient descent and AdamW. `l2` is the λ of a term (λ/2)‖θ‖²
of the loss, whose gradient goes through momentum and Adam's scaling; torch.optim's SGD and Adam
call it `weight_decay`.
"""
