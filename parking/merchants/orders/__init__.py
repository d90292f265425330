"""Orders of merchants: taken, placed, followed (CLAIMS D1 to D8)."""
