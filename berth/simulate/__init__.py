"""Virtual sensors and locks that behave like a place's real ones."""
