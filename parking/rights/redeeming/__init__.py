"""Redeeming: rights put into a stay by its driver alone, and what they came to in the end."""
