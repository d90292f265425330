"""Payments: money from a driver's bound accounts, the wallet, and what goes back."""
