"""Actual use: sessions and segments, from what devices say joined with credentials."""
