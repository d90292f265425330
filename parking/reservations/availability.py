"""Which spaces are to be had in an area for a period, with price, distance and walk.

Idle (CLAIMS C16) means: in an opening of an active listing that this viewer may book for this stay,
in service at an open place, without a live claim in the period (turnover included), and, when the
period begins now, vacant by what the sensor says. A lapsed hold is no claim.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from math import sqrt
from typing import Any, NamedTuple

from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import InvalidInput
from parking.money import Money
from parking.places.search import Key
from parking.reservations.offers import Amounts, Asked, Within
from parking.reservations.pricing import prices, rate_of
from parking.reservations.wanted import Ring, Sort, Wanted, checked, reach_of, walk_minutes
from parking.storage.sql import Sql, database

RESULTS_MAX = 501
"""Rows of one page; one more than the largest page tells whether there is a next one."""
LOOKS_MAX = 10
"""So often a page is filled up that lost results to listings without a price, or to cheaper ones
of the same spaces."""
SHARED_MAX = 5_000
"""Pairs of listing and space that are compared for one page."""
RATES_MAX = 500
"""So many different rates are priced when the price decides; a larger area has to be narrowed."""
EVERYWHERE = Ring(-1.0, 0.0)
"""Of a search without a centre."""


class Available(NamedTuple):
    """An idle space and the offer by which it can be booked; its key in the list.

    A space that several listings offer is found once, by the cheapest of them, of equals the
    oldest. Distance and walk are to the place; None where one place is asked for.
    """

    place_id: int
    listing_id: int
    space_id: int
    price: Money
    distance_metres: float | None
    walk_minutes: int | None
    key: Key


async def find_available(
    viewer: Viewer, wanted: Wanted, *, clock: Clock, limit: int, after: Key | None = None
) -> list[Available]:
    """At most `limit` results after the key: nearest first, or cheapest.

    Raises InvalidInput for a period, radius, height or key that makes no sense, and with the code
    `AREA_TOO_LARGE` when there are too many rates to sort by price.
    """
    now = clock.now()
    asked = Asked(database(), viewer, checked(wanted, now), reach_of(wanted), now)
    limit, after = _bounded(limit), _checked_key(after)
    look, lot = (_by_price if wanted.is_price_first else _by_distance), limit
    found: list[Available] = []
    for _ in range(LOOKS_MAX):
        asked.arguments.clear()
        rows = await look(asked, lot, after)
        costs = await _costs(asked, rows)
        best = await _best_of_shared(asked, rows)
        rows_shown = [row for row in rows if best.get(row["space_id"]) in (None, row["listing_id"])]
        found += _results(rows_shown, costs, has_centre=asked.reach.centre is not None)
        if len(rows) < lot or len(found) >= limit:
            break
        after, lot = _key(rows[-1]), RESULTS_MAX
    return found[:limit]


async def first_idle(
    sql: Sql, viewer: Viewer, wanted: Wanted, now: datetime
) -> tuple[int, int] | None:
    """Listing and space that the viewer can have now; None when nothing is idle. Not sorted by
    anything, and nothing is checked."""
    rows = await Asked(sql, viewer, wanted, reach_of(wanted), now).idle_offers(EVERYWHERE, 1)
    return (rows[0]["listing_id"], rows[0]["space_id"]) if rows else None


async def _costs(asked: Asked, rows: Sequence[Mapping[str, Any]]) -> dict[int, Money]:
    """What each listing of the rows costs; one whose tariff gives no price is left out."""
    # Offers come in a row, each with many spaces: what is the offer's is worked out once.
    offers = {row["listing_id"]: rate_of(row) for row in rows}
    known = await prices(asked.sql, offers.values(), asked.wanted.window, asked.now)
    return {listing_id: known[rate] for listing_id, rate in offers.items() if rate in known}


async def _best_of_shared(asked: Asked, rows: Iterable[Mapping[str, Any]]) -> dict[int, int]:
    """By which listing each space is shown that several active ones have: the cheapest of those
    by which it can be had, of equals the oldest."""
    shared = [row for row in rows if row["is_shared"]]
    if not shared:
        return {}
    places, spaces = ({row[name] for row in shared} for name in ("place_id", "space_id"))
    within = Within(sorted(places), sorted(spaces))
    asked.arguments.clear()
    offered = await asked.idle_offers(asked.whole, SHARED_MAX, within=within)
    costs = await _costs(asked, offered)
    best: dict[int, tuple[int, int]] = {}
    for row in offered:
        cost, listing_id = costs.get(row["listing_id"]), row["listing_id"]
        if cost is not None:
            rank = (cost.amount_minor, listing_id)
            best[row["space_id"]] = min(rank, best.get(row["space_id"], rank))
    return {space_id: listing_id for space_id, (_, listing_id) in best.items()}


def _key(row: Mapping[str, Any]) -> Key:
    amount_minor, metres2, place_id, listing_id, space_id, *_ = row.values()
    return (amount_minor, metres2, place_id, listing_id, space_id)


async def _by_distance(asked: Asked, limit: int, after: Key | None) -> list[dict[str, Any]]:
    """From the middle outwards; most pages are full before the area has been read."""
    rows: list[dict[str, Any]] = []
    for ring in asked.reach.rings:
        if after is not None and _is_behind(ring, after):
            continue
        asked.arguments.clear()
        rows += await asked.idle_offers(ring, limit - len(rows), after)
        if len(rows) >= limit:
            break
    return rows


async def _by_price(asked: Asked, limit: int, after: Key | None) -> list[dict[str, Any]]:
    """Every rate in the area is priced first, though no space of it need be idle."""
    amounts = await _amounts(asked)
    if asked.wanted.sort is Sort.PRICE:
        return await _with(asked, amounts, limit, after)
    # By distance, at most so dear: the prices only choose.
    return await _with(asked, dict.fromkeys(amounts, 0), limit, after)


async def _with(
    asked: Asked, amounts: Amounts, limit: int, after: Key | None
) -> list[dict[str, Any]]:
    if not amounts:
        return []
    asked.arguments.clear()
    return await asked.idle_offers(asked.whole, limit, after, amounts)


async def _amounts(asked: Asked) -> Amounts:
    rows = await asked.offered_rates(RATES_MAX + 1)
    if len(rows) > RATES_MAX:
        message = f"the area has more than {RATES_MAX} different prices; ask for a smaller one"
        raise InvalidInput("area", message, code="AREA_TOO_LARGE")
    known = await prices(asked.sql, map(rate_of, rows), asked.wanted.window, asked.now)
    return {
        (rate.rate_table_id, rate.time_zone): amount.amount_minor
        for rate, amount in known.items()
        if is_affordable(amount, asked.wanted.price_max)
    }


def is_affordable(amount: Money, most: Money | None) -> bool:
    """Whether it costs at most so much; another currency cannot be compared, so it does not."""
    return most is None or (
        amount.currency == most.currency and amount.amount_minor <= most.amount_minor
    )


def _results(
    rows: Iterable[Mapping[str, Any]], costs: Mapping[int, Money], *, has_centre: bool
) -> list[Available]:
    """The rows of a search, typed. By position: a page has many of them."""
    found: list[Available] = []
    for row in rows:
        amount_minor, metres2, place_id, listing_id, space_id, *_ = row.values()
        if listing_id not in costs:
            continue
        metres = sqrt(metres2) if has_centre else None
        walk = None if metres is None else walk_minutes(metres)
        key = (amount_minor, metres2, place_id, listing_id, space_id)
        found.append(
            Available(place_id, listing_id, space_id, costs[listing_id], metres, walk, key)
        )
    return found


def _is_behind(ring: Ring, after: Key) -> bool:
    """Whether all of the ring comes before the key."""
    return bool(after[1] > ring.outer_metres * ring.outer_metres)


def _checked_key(after: Key | None) -> Key | None:
    if after is None:
        return None
    kinds: tuple[Any, ...] = (int, (int, float), int, int, int)
    fits = len(after) == len(kinds) and all(map(isinstance, after, kinds))
    if not fits:
        raise InvalidInput("after", "the cursor is of another list; begin without one")
    return (after[0], float(after[1]), *after[2:])


def _bounded(limit: int) -> int:
    if not 1 <= limit <= RESULTS_MAX:
        raise InvalidInput("first", f"{limit} results are asked for; 1 to {RESULTS_MAX} are given")
    return limit


def cheapest(costs: Iterable[Money]) -> Money | None:
    """The least amount; where several currencies meet, of the first one named."""
    listed = list(costs)
    same = [each for each in listed if each.currency == listed[0].currency]
    return min(same, key=lambda each: each.amount_minor, default=None)
