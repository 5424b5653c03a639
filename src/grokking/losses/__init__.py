"""Losses of classifiers: functions of the outputs and the class of each sample."""
