"""Finished results: their files, their recipes, and the tables read from them."""
