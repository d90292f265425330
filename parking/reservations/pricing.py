"""Prices of many offers at once: each rate table is read, parsed and priced once a period."""

import logging
from asyncio import sleep
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from tortoise.context import TortoiseContext, get_current_context

from parking.errors import InvalidInput, Refusal
from parking.money import Money
from parking.rates.amounts import countable
from parking.rates.document import Tariff, parse_tariff
from parking.rates.price import price
from parking.storage.sql import Sql
from parking.windows import Window

TARIFFS_KEPT_MAX = 1_000
PRICES_KEPT_MAX = 10_000
AHEAD = '"bookedAheadMin"'
"""Where a document has this, a price holds for this moment only."""

log = logging.getLogger(__name__)


class Rate(NamedTuple):
    """A rate table at a version, as it applies in a time zone."""

    rate_table_id: int
    version: int
    currency: str
    time_zone: str


class Known(NamedTuple):
    """A parsed table; `is_dated`: its prices depend on how far ahead one books."""

    tariff: Tariff
    is_dated: bool


@dataclass(slots=True)
class Kept:
    """What was parsed and priced, the least used of it forgotten; for one database."""

    tariffs: OrderedDict[tuple[int, int], Known] = field(default_factory=OrderedDict)
    prices: OrderedDict[tuple[Rate, Window], Money] = field(default_factory=OrderedDict)


_kept: WeakKeyDictionary[TortoiseContext, Kept] = WeakKeyDictionary()
"""By connection: the ids of another database mean other tables. An edited table has another
version, so nothing here is ever out of date."""


def rate_of(row: Mapping[str, Any]) -> Rate:
    """The rate in a row of a search."""
    return Rate(row["rate_table_id"], row["rate_version"], row["currency"], row["time_zone"])


async def prices(
    sql: Sql, rates: Iterable[Rate], window: Window, now: datetime
) -> dict[Rate, Money]:
    """What the window costs at each of these rates when it is booked now.

    A table that cannot be read, or gives no price, is left out: it is its owner's trouble, and no
    reason for a whole town to find nothing. Between two prices others have their turn.
    """
    kept, wanted = _memory(), set(rates)
    found = {rate: known for rate in wanted if (known := kept.prices.get((rate, window)))}
    missing = wanted - found.keys()
    if missing:
        await _read_tariffs(sql, kept, missing)
        for rate in missing:
            table = kept.tariffs.get((rate.rate_table_id, rate.version))
            cost = None if table is None else _priced(kept, table, rate, window, now)
            if cost is not None:
                found[rate] = cost
            await sleep(0)
        _shorten(kept)
    return found


def _priced(kept: Kept, known: Known, rate: Rate, window: Window, now: datetime) -> Money | None:
    try:
        priced = countable(price(known.tariff, window, ZoneInfo(rate.time_zone), now=now))
    except Refusal as refusal:
        log.info("rate table %d gives no price: %s", rate.rate_table_id, refusal.code)
        return None
    except Exception:  # whatever is wrong with one tariff, the others have a price
        log.exception("rate table %d could not be priced", rate.rate_table_id)
        return None
    cost = Money(priced.amount_minor, rate.currency)
    if not known.is_dated:
        kept.prices[rate, window] = cost
    return cost


async def _read_tariffs(sql: Sql, kept: Kept, rates: Iterable[Rate]) -> None:
    wanted = {(rate.rate_table_id, rate.version) for rate in rates} - kept.tariffs.keys()
    if not wanted:
        return
    rows = await sql.fetch(
        f"SELECT id, document FROM rate_table WHERE id {sql.any_of('$1')}",
        sorted({rate_table_id for rate_table_id, _ in wanted}),
    )
    documents = {row["id"]: row["document"] for row in rows}
    for rate_table_id, version in wanted:
        document = documents.get(rate_table_id, "")
        try:
            known = Known(parse_tariff(document), AHEAD in document)
        except InvalidInput as fault:
            log.warning("rate table %d cannot be read: %s", rate_table_id, fault.message)
            continue
        # Edited since the search read its version: the price is what a quote would say now.
        kept.tariffs[rate_table_id, version] = known


def _shorten(kept: Kept) -> None:
    while len(kept.prices) > PRICES_KEPT_MAX:
        kept.prices.popitem(last=False)
    while len(kept.tariffs) > TARIFFS_KEPT_MAX:
        kept.tariffs.popitem(last=False)


def _memory() -> Kept:
    context = get_current_context()
    if context is None:
        return Kept()
    return _kept.setdefault(context, Kept())
