"""Limits on what merchants send."""

from datetime import timedelta

from parking.accounts.attempts import Limit

MESSAGES_PER_ORGANISATION = Limit("order_of_organisation", 2_400, timedelta(minutes=5))
"""Messages about orders of one merchant, whatever way they come: eight a second on and on. Each of
them may lock a bay, so nobody is to keep the places of a mall busy for all others."""
