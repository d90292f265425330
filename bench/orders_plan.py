"""What a merchant sends in the proof of orders: which message comes when, which way. Pure: the same
seed, the same messages."""

from collections.abc import Sequence
from enum import IntEnum, StrEnum
from random import Random
from typing import NamedTuple

CROWDED = (6.0, 6.5)
"""Services begin at so many hours after the beginning: these are in each other's way, and for more
guests than there are bays. This evening is lived through (`bench.orders_evening`)."""
CROWDED_PART = 0.2
"""So many of all orders are for that evening."""
KIOSK_EVERY = 20
"""Every so many orders one is the kiosk's, whose day has a limit."""
KIOSK_SLOTS = (30.0, 34.0)
"""All on one day, the next."""
SLOTS = (30.0, 34.0, 54.0, 58.0, 78.0, 82.0, 102.0, 106.0, 126.0, 130.0)
PAST = -4.0
WITHIN = 40
"""What belongs to one order comes within so many messages, more or less."""


class Way(StrEnum):
    """How a message comes in."""

    VERB = "verb"
    WEBHOOK = "webhook"
    SMS = "SMS"


class Death(IntEnum):
    """Where who takes a message dies."""

    NONE = 0
    KEPT = 1
    """An SMS was kept, and not looked at."""
    RECORDED = 2
    """The order was recorded, and not carried out."""
    DONE = 3
    """The order was carried out, and nobody heard of it."""


class Message(NamedTuple):
    """`step` counts what was decided about an order: the highest counts, whenever it comes. Without
    `hours` it is off. `is_again`: the same came before. `dies`: where who takes it dies."""

    number: int
    step: int
    way: Way
    hours: float | None
    is_wanted: bool = True
    is_again: bool = False
    dies: Death = Death.NONE

    @property
    def ref(self) -> str:
        """The order's name."""
        return f"A-{self.number:05}"

    @property
    def phone(self) -> str:
        """The guest's."""
        return f"+49170{1_000_000 + self.number}"

    @property
    def is_kiosks(self) -> bool:
        """Whether it is the kiosk's."""
        return self.number % KIOSK_EVERY == KIOSK_EVERY - 13

    @property
    def is_crowded(self) -> bool:
        """Whether it is for the evening that is lived through."""
        return self.hours in CROWDED


class Mix(NamedTuple):
    """Which part of the orders is for the evening, and when the others are."""

    crowded: float = CROWDED_PART
    slots: Sequence[float] = SLOTS


MIX = Mix()


def messages(orders: int, chance: Random, mix: Mix = MIX) -> list[Message]:
    """All messages as they come in: some twice, and those not by SMS in any order."""
    sent: list[tuple[float, Message]] = []
    for number in range(orders):
        sent += _order(number, number + chance.uniform(0, 5), chance, mix)
    return [message for _, message in sorted(sent)]


def newest(sent: Sequence[Message]) -> dict[str, Message]:
    """What each order comes to, whatever the order of arrival."""
    return {each.ref: each for each in sorted(sent, key=lambda each: each.step)}


def _order(number: int, place: float, chance: Random, mix: Mix) -> list[tuple[float, Message]]:
    way = tuple(Way)[number % 3]
    told = [Message(number, 0, way, _slot(chance, mix), number % 10 != 9)]
    if told[0].is_kiosks:
        way = Way.VERB if way is Way.SMS else way
        told = [told[0]._replace(way=way, hours=chance.choice(KIOSK_SLOTS))]
    if number % 25 == 4 and way is not Way.SMS:
        told = [told[0]._replace(hours=PAST, is_wanted=True)]
    if number % 4 == 1:
        told.append(told[0]._replace(step=1, hours=_slot(chance, mix)))
    if number % 7 == 2:
        told.append(told[0]._replace(step=2, hours=None))
    places = [place + chance.uniform(0, WITHIN) for _ in told]
    if way is Way.SMS:
        places.sort()
    made = [
        (at, each._replace(dies=_death(each, chance)))
        for at, each in zip(places, told, strict=True)
    ]
    again = [
        (at + chance.uniform(0.1, WITHIN), each._replace(is_again=True, dies=Death.NONE))
        for at, each in made
        if chance.random() < 0.25
    ]
    return made + again


def _death(message: Message, chance: Random) -> Death:
    if chance.random() >= 0.1:
        return Death.NONE
    first = Death.KEPT if message.way is Way.SMS else Death.RECORDED
    return Death(chance.randint(first, Death.DONE))


def _slot(chance: Random, mix: Mix) -> float:
    return chance.choice(CROWDED if chance.random() < mix.crowded else mix.slots)
