"""What the papers prove about a run: critical times, reduced flows, and the solutions its phases converge to."""
