"""The specs of runs. No module here loads torch."""
