"""The words of notices, described for the schema; see `schema.words`."""

from parking.notices.kinds import EndpointState, NoticeChannel, NoticeTopic
from schema.words import describe

describe(
    NoticeChannel,
    "How a notice reaches whom it is for.",
    SMS="To a phone.",
    EMAIL="To an e-mail address.",
    WECHAT="As a subscribe message in WeChat.",
    WEBHOOK="To a system of an organisation.",
)
describe(
    EndpointState,
    "Whether a webhook endpoint is told of events.",
    schema_name="WebhookEndpointState",
    ACTIVE="It is.",
    PAUSED="Events wait for it, for three days.",
)
describe(
    NoticeTopic,
    "What a notice is about: PARKING_… for whoever parks, ORDER_… for the merchant.",
    PARKING_BOOKED="A space was booked for you.",
    PARKING_UNPAID="A space is kept for you until you confirm it.",
    PARKING_MOVED="Another space, or another time.",
    PARKING_REMINDER="Your parking begins soon.",
    PARKING_WAITLISTED="No space is free yet.",
    PARKING_REFUSED="No space could be booked.",
    PARKING_CANCELLED="Your parking is cancelled.",
    PARKING_EARLY="You are early; from when the space is open to you.",
    PARKING_LATE="You are late; how long the space is kept.",
    PARKING_MISSED="Nobody came; the space was given up.",
    PARKING_ENDING="Your parking ends soon.",
    ORDER_BOOKED="A space was booked for an order.",
    ORDER_WAITLISTED="An order waits for a space.",
    ORDER_REFUSED="No space could be booked for an order.",
    ORDER_CANCELLED="The parking of an order is cancelled.",
    ORDER_ARRIVING="The guest of an order says that they are there.",
    ORDER_ARRIVED="The guest of an order has parked.",
    ORDER_LATE="The guest of an order is late; how long the space is kept.",
    ORDER_LOCK_FAILED="The lock of an order's space fails, and there is no other space.",
    ORDER_MISSED="The guest of an order did not come.",
    POSITION_INVITED="Somebody wants to show you where their car is.",
    POSITION_ASKED="Somebody asks to see where your car is.",
    POSITION_SHOWN="Where a car stands that is shown to you.",
    POSITION_ENDED="A car's position is shown to you no more.",
    POSITION_LINK_CLOSED="A secure link of yours was closed after too many wrong passcodes.",
    EXIT_DELEGATED="Somebody lets you fetch their car.",
    EXIT_REVOKED="You are not to fetch a car any more.",
    EXIT_OPENED="Who fetches your car has opened its bay.",
    EXIT_USED="Who fetches your car has driven it out.",
    ANSWER="The answer to a message that you sent.",
)
