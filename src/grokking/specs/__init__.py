"""What a config may say, and what identifies a run: declarations without computation, and without torch.

A part (a task, a model, a dynamics, …) is a frozen dataclass here; what it does stands in the module of the same name:
`ModularAddition` in `grokking.tasks.modular_addition`, `TwoLayerNet` in `grokking.models.two_layer_net`.
"""
