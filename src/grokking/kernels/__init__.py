"""Hot code: gradients written out, activations, losses, CUDA graphs."""
