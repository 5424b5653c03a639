"""Analyses: tables computed from theory or from finished runs.

They train nothing; one takes a run's steps once more, to look at its gradients and updates.
"""
