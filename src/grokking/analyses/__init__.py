"""Analyses: tables computed from theory or from finished runs.

They train nothing. `slow_part` repeats the steps of a run to look at its gradients and updates.
"""
