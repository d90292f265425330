"""Offers: proof of title, listings, when they are open, who may book."""
