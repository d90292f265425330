"""Events: what committed, carried to whoever listens."""
