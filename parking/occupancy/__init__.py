"""Occupancy: what is known about each space, live and over time."""
