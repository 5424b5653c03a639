"""What a run and an analysis are, and the names that follow from it. Nothing here loads torch."""
