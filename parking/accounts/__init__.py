"""Accounts: people, organisations, and who may do what."""
