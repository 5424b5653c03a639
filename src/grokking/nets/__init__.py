"""The computation of nets: outputs, loss, gradient, and the flow of the gradient."""
