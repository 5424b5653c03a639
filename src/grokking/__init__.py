"""A reference reproduction of grokking: tasks, models, dynamics, theory and claims."""

__version__ = "0.1.0"
