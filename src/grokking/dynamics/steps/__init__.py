"""Steps of optimisers, with their batches, gradient filters and learning-rate schedules."""
