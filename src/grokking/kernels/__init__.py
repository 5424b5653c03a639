"""Hot code: hand-written gradients, activations, losses, CUDA graphs."""
