"""What a paper says, measured on our runs and judged by a rule that was written first."""
