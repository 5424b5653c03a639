"""Models: a net with its initial weights. Each makes the objective that training minimises from the data of a task."""
