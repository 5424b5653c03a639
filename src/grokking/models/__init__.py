"""Models: a net with its initial weights, which makes the objective that training minimises."""
