"""Starts: where a run begins."""
