"""Limits on what comes in by SMS."""

from datetime import timedelta

from parking.accounts.attempts import Limit

MESSAGES_PER_SENDER = Limit("sms_of_sender", 60, timedelta(minutes=5))
"""Messages, or parts of them, that one number sends; more are dropped and counted."""
PARTS_WITHIN = timedelta(minutes=10)
"""How long the parts of a message wait for each other."""
TRIED_AGAIN_AFTER = timedelta(seconds=30)
"""A message that is not handled by then was left by a process that died, or failed."""
GIVEN_UP_AFTER = timedelta(hours=1)
"""Then the sender is told that nothing came of it: what a message asks for is soon out of date."""
HANDLED_AT_ONCE_MAX = 50
"""So many are tried again in one go of the worker."""
TEXT_KEPT = timedelta(days=30)
"""Then a message's text is erased, and its sender with it."""
IDS_KEPT = timedelta(days=400)
"""How long a repeat is recognised by its id: signatures of messages do not expire."""
ANSWERS_PER_SENDER = Limit("sms_answer_to_sender", 120)
PUZZLED_PER_SENDER = Limit("sms_puzzled_by_sender", 10)
"""Of these, answers in an hour to what was no order. Two machines that answer each other stop here,
and so does who plays."""
ANSWERS_PER_ORGANISATION = Limit("sms_answer_for_organisation", 2_000)
LAST_WORDS_PER_SENDER = Limit("sms_last_word_to_sender", 1)
"""Who is over one of these is told so, once an hour."""
