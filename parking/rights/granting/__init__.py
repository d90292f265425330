"""Granting a right to a vehicle, and what becomes of it until it is redeemed."""
