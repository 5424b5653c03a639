"""Publish a finished build, by hand: no rule of the workflow runs this package."""
