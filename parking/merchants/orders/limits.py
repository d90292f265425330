"""Limits on what merchants send."""

from datetime import timedelta

from parking.accounts.attempts import Limit

MESSAGES_PER_ORGANISATION = Limit("order_of_organisation", 2_400, timedelta(minutes=5))
"""Messages about orders of one merchant, whatever way they come: eight a second on and on. Each of
them may lock a bay, so nobody is to keep the places of a mall busy for all others."""
TEXTS_PER_GUEST = Limit("order_text_to_guest", 10, timedelta(days=1))
"""Messages to one phone number for one merchant, of bookings that the guest has not made theirs: a
merchant may name any number, and with a place of its own needs nobody's consent. Who writes to
their own guests changes an order or two a few times; what is over it is in the guest's own list,
and the merchant's systems are told all the same."""
