"""Figures for people: statements, earnings, daily close, totals."""
