"""The words of merchants' messages by SMS, described for the schema; see `schema.words`."""

from parking.merchants.kinds import SmsResult
from parking.merchants.sms.results import Action, Field, Trouble
from schema.words import describe

describe(
    SmsResult,
    "What came of a message by SMS.",
    schema_name="MerchantSmsResult",
    DONE="It was carried out; the order says what became of it.",
    REFUSED="It was understood and refused; the answer says why.",
    UNCLEAR="It was not clear, or lacked something; nothing was done.",
    HELP="It asked for help.",
    INCOMPLETE="A part of it never came; nothing was done.",
    GIVEN_UP="It could not be carried out for an hour.",
    REVOKED="Its number was revoked before it was handled; it was not answered.",
)
describe(
    Action,
    "What a message by SMS wants done.",
    schema_name="SmsAction",
    BOOK="Take an order, or tell more of one.",
    MOVE="Change an order.",
    CANCEL="Cancel it.",
    STATUS="Say where it stands.",
    HELP="Say what to write.",
)
describe(
    Field,
    "What a problem of a message by SMS is about.",
    schema_name="SmsField",
    TEXT="All of it.",
    ACTION="What is to be done.",
    ORDER="The order's number.",
    DATE="The day.",
    TIME="The time.",
    END="The end.",
    PARTY="How many people.",
    PHONE="The phone number.",
    PLATE="The plate.",
    CARS="How many cars.",
    LANGUAGE="The language of the guest.",
    CHANGE="What is to be changed.",
)
describe(
    Trouble,
    "What is wrong with what a message by SMS says.",
    schema_name="SmsTrouble",
    MISSING="It is not said.",
    SEVERAL="Several are said, and they contradict each other.",
    EITHER="It means one thing or another.",
    PAST="It is over.",
    SKIPPED="Clocks go forward, and never show this time.",
    TWICE="Clocks go back, and show this time twice.",
    IMPOSSIBLE="There is no such thing.",
    TOO_LONG="It is too long.",
    TOO_FAR="It is too far ahead.",
    ONE_EACH="One message books one car; each needs one of its own.",
    REPEATED="What repeats is not booked by one message; each day needs one of its own.",
)
