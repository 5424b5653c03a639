"""Publish a finished build: results/published, the README's numbers, an archive. No rule of the workflow runs this."""
