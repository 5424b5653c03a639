"""Kinds of data: what a task draws, and how predictors are scored on it."""
