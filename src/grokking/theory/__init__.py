"""What the papers prove: critical times, reduced flows, the solutions that phases converge to."""
