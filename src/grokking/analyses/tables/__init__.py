"""The computation of the tables of analyses, with torch, pandas and scipy; a module for each."""
