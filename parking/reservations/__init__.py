"""Bookings: quotes, availability, reservations, agreements, the waitlist."""
