"""Portable arithmetic: results by their hashes, the same on every x86-64 processor with AVX2, emulated or not."""
