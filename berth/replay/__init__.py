"""Replaying recorded arrivals and departures through virtual sensors, and comparing the outcome."""
