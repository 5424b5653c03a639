"""Stops: what ends a run before its last step."""
