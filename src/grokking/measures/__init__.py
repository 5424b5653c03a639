"""Numbers read off tables and weights, for claims, figures, reports and stop rules."""
