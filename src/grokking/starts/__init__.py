"""Starts: the weights from which a run begins."""
