"""Measure speeds, by hand after a build, and write results/benchmark.md. No rule of the workflow runs this."""
