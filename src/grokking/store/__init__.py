"""Finished results: what they are, where they lie, what made them, and the tables that are read from them."""
