"""Numbers read off tables and weights: claims, figures, reports and stop rules all use them."""
