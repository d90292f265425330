"""Merchants: their units, what they order for their guests, and how the orders come in."""
