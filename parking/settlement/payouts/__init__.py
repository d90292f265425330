"""Payouts: what organisations are owed, and when it is sent."""
