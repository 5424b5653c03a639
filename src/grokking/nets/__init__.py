"""What nets compute: outputs, the loss on some data, its gradient, and the flow that it poses."""
