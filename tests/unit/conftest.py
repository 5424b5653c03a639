"""One thread: the nets of these tests are too small for two, which would wait for each other on a busy machine."""

import torch

torch.set_num_threads(1)
