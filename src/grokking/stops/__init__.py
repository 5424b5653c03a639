"""Stops: conditions that end a run before its last step."""
