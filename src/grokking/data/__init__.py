"""Kinds of data: training and test sets, and the scores of predictors on them."""
