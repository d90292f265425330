"""A right to drive one car out, given by its driver to somebody else (CLAIMS E15)."""
