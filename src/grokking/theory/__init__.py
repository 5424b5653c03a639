"""Results that the papers prove: critical times, reduced flows, solutions of the phases."""
