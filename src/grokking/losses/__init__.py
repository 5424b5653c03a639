"""Losses of classifiers: a loss of the outputs and the class of each sample."""
