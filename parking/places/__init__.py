"""Places: campus, place, subplace and space."""
