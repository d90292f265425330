"""Positions: recorded, known better, moved, ended; each of these a version that stays."""
