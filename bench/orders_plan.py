"""What merchants send in the proof of orders: which message comes when, which way. Pure: the same
seed, the same messages."""

from collections.abc import Sequence
from enum import StrEnum
from random import Random
from typing import NamedTuple

CROWDED = (6.0, 6.5)
"""Services begin at so many hours after the beginning: these are in each other's way, and for more
guests than there are bays."""
SLOTS = (30.0, 34.0, 54.0, 58.0, 78.0, 82.0, 102.0, 106.0, 126.0, 130.0)
PAST = -4.0
WITHIN = 40
"""What belongs to one order comes within so many messages, more or less."""


class Way(StrEnum):
    """How a message comes in."""

    VERB = "verb"
    WEBHOOK = "webhook"
    SMS = "SMS"


class Message(NamedTuple):
    """`step` counts what was decided about an order: the highest counts, whenever it comes. Without
    `hours` it is off. `is_again`: the same came before. `dies`: who takes it dies before it is
    carried out."""

    number: int
    step: int
    way: Way
    hours: float | None
    is_wanted: bool = True
    is_again: bool = False
    dies: bool = False

    @property
    def ref(self) -> str:
        """The order's name."""
        return f"A-{self.number:05}"

    @property
    def phone(self) -> str:
        """The guest's."""
        return f"+49170{1_000_000 + self.number}"


def messages(orders: int, chance: Random) -> list[Message]:
    """All messages as they come in: some twice, and those not by SMS in any order."""
    sent: list[tuple[float, Message]] = []
    for number in range(orders):
        sent += _order(number, number + chance.uniform(0, 5), chance)
    return [message for _, message in sorted(sent)]


def newest(sent: Sequence[Message]) -> dict[str, Message]:
    """What each order comes to, whatever the order of arrival."""
    return {each.ref: each for each in sorted(sent, key=lambda each: each.step)}


def _order(number: int, place: float, chance: Random) -> list[tuple[float, Message]]:
    way = tuple(Way)[number % 3]
    told = [Message(number, 0, way, _slot(chance), number % 10 != 9)]
    if number % 25 == 4 and way is not Way.SMS:
        told = [told[0]._replace(hours=PAST, is_wanted=True)]
    if number % 4 == 1:
        told.append(told[0]._replace(step=1, hours=_slot(chance)))
    if number % 7 == 2:
        told.append(told[0]._replace(step=2, hours=None))
    places = [place + chance.uniform(0, WITHIN) for _ in told]
    if way is Way.SMS:
        places.sort()
    may_die = way is not Way.SMS or len(told) == 1
    made = [
        (at, each._replace(dies=may_die and chance.random() < 0.1))
        for at, each in zip(places, told, strict=True)
    ]
    again = [
        (at + chance.uniform(0.1, WITHIN), each._replace(is_again=True, dies=False))
        for at, each in made
        if chance.random() < 0.25
    ]
    return made + again


def _slot(chance: Random) -> float:
    return chance.choice(CROWDED) if chance.random() < 0.2 else chance.choice(SLOTS)
