"""Bindings: who sees whose positions, with both sides' consent."""
