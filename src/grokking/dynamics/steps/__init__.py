"""Steps of optimisers: batches, gradient filters and learning-rate schedules around them."""
