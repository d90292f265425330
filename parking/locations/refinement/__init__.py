"""Refinement: a terminal that knows the place is asked where exactly the car stands."""
