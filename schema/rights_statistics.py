"""What codes and specifications granted, what came of it, and who paid."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.viewer import Viewer
from parking.rights.queries import specifications_by_id
from parking.rights.records import GrantCodeRecord, SpecificationRecord
from parking.rights.statistics import (
    Day,
    Figures,
    days_of_codes,
    days_of_specifications,
    statistics_of_codes,
    statistics_of_specifications,
)
from schema.context import Info
from schema.execution import COST, Cost
from schema.fields import resolved
from schema.loaders import ReadMany, load
from schema.money import Money, money_as

READING_COST = 20
DAYS_ASSUMED = 30
READERS_KEPT = 64

ReadDays: TypeAlias = Callable[[Viewer, Sequence[int], str], Awaitable[Mapping[int, list[Day]]]]


@strawberry.type(description="How many rights were granted, and what came of them.")
class RightsFigures:
    """`parking.rights.statistics.Figures`."""

    granted: int = strawberry.field(description="All of them.")
    held: int = strawberry.field(description="Still to be used.")
    redeemed: int = strawberry.field(description="Promised to stays that are not settled yet.")
    used: int = strawberry.field(description="Used.")
    lapsed: int = strawberry.field(description="Not used in time.")
    revoked: int = strawberry.field(description="Taken back by the issuer.")
    paid_by_issuer: Money = strawberry.field(description="What the issuer paid for them.")
    paid_by_operator: Money = strawberry.field(
        description="What who runs the place gave to them besides."
    )


@strawberry.type(description="The rights that were granted on one date at the place.")
class RightsDay:
    """`parking.rights.statistics.Day`."""

    day: date = strawberry.field(description="The date.")
    figures: RightsFigures = strawberry.field(description="Of these rights, until now.")


@strawberry.type(description="What a code, or all codes of a specification, granted.")
class RightsStatistics:
    """Of `parking.rights.statistics`."""

    total: RightsFigures = strawberry.field(description="All in all.")
    key: strawberry.Private[int]
    currency: strawberry.Private[str]
    read_days: strawberry.Private[ReadDays]

    @resolved(
        "The days on which something was granted, the oldest first; the last 366 of them.",
        metadata={COST: Cost(weight=READING_COST, assumed_size=DAYS_ASSUMED)},
    )
    async def days(
        self,
        info: Info,
        since: Annotated[date, strawberry.argument(description="This date and later.")],
    ) -> list[RightsDay]:
        reader = _days_since(self.read_days, since.isoformat())
        found = await load(info.context, reader, self.key)
        return [
            RightsDay(
                day=date.fromisoformat(each.day), figures=figures_of(each.figures, self.currency)
            )
            for each in found or ()
        ]


@lru_cache(maxsize=READERS_KEPT)
def _days_since(read: ReadDays, since: str) -> ReadMany[list[Day]]:
    """The same function for the same date, so that one execution reads it once."""

    async def reader(viewer: Viewer, keys: Sequence[int]) -> Mapping[int, list[Day]]:
        return await read(viewer, keys, since)

    return reader


def figures_of(figures: Figures, currency: str) -> RightsFigures:
    """The domain's figures as the schema's type."""
    return RightsFigures(
        granted=figures.granted,
        held=figures.held,
        redeemed=figures.redeemed,
        used=figures.used,
        lapsed=figures.lapsed,
        revoked=figures.revoked,
        paid_by_issuer=money_as(figures.issuer_minor, currency),
        paid_by_operator=money_as(figures.operator_minor, currency),
    )


async def load_of_specification(
    info: Info, specification: SpecificationRecord
) -> RightsStatistics | None:
    """What was granted of a specification, as far as the viewer may know."""
    found = await load(info.context, statistics_of_specifications, specification.id)
    return _statistics(found, specification.id, specification.currency, days_of_specifications)


async def load_of_code(info: Info, code: GrantCodeRecord) -> RightsStatistics | None:
    """What a code granted, as far as the viewer may know."""
    made_of = await load(info.context, specifications_by_id, code.specification_id)
    found = await load(info.context, statistics_of_codes, code.id)
    return None if made_of is None else _statistics(found, code.id, made_of.currency, days_of_codes)


def _statistics(
    figures: Figures | None, key: int, currency: str, read_days: ReadDays
) -> RightsStatistics | None:
    if figures is None:
        return None
    total = figures_of(figures, currency)
    return RightsStatistics(total=total, key=key, currency=currency, read_days=read_days)
