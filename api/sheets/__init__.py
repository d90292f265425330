"""Codes to be printed: one drawing of a notice around a QR code, written as SVG, PNG or PDF."""
