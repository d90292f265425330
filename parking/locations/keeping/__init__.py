"""A person's positions as their own: given out whole, erased, and kept no longer than needed."""
