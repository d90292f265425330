"""Reads the text of an SMS: pure, from the same text, time and place always the same.

The text is folded, then read piece by piece in a fixed order, the unmistakable first; what is read
is taken out, what is left over is noise. The order of the words is free. docs/sms.md describes the
grammar for those who write.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from parking.merchants.sms import contacts, spans, wishes
from parking.merchants.sms.actions import actions_in, is_question_only
from parking.merchants.sms.clock_times import Clock, strict_times
from parking.merchants.sms.day_parts import PartSaid, noons_in, parts_in
from parking.merchants.sms.days import DaySaid, days_in, loose_days_in, sure_days_in
from parking.merchants.sms.folding import folded
from parking.merchants.sms.languages import languages_in, written_in
from parking.merchants.sms.moments import Here
from parking.merchants.sms.order_refs import is_order_too_long, orders_in
from parking.merchants.sms.parties import parties_in, weak_parties_in
from parking.merchants.sms.results import (
    PARTY_MAX,
    STAY_HOURS_MAX,
    TEXT_CHARACTERS_MAX,
    Action,
    Field,
    Hints,
    Needs,
    Problem,
    Reading,
    Trouble,
    Unclear,
    Understood,
)
from parking.merchants.sms.scan import Scan, Spot
from parking.merchants.sms.several import are_listed, cars_in, repeats_in
from parking.merchants.sms.times import TimesSaid, is_target, more_clocks, times_said
from parking.merchants.sms.when import When, when

T = TypeVar("T")


def read(text: str, now: datetime, zone: ZoneInfo, hints: Hints | None = None) -> Reading:
    """What `text` asks for, sent at `now` to a unit whose clocks show `zone`. Never raises."""
    if len(text) > TEXT_CHARACTERS_MAX:
        problem = Problem(Field.TEXT, Trouble.TOO_LONG)
        return Unclear((problem,), Understood(Action.BOOK))
    here = Here(now, zone)
    pieces = _pieces(folded(text), here, hints or Hints())
    return _reading(pieces, here)


@dataclass(slots=True)
class _Pieces:
    """What was found, before anything is decided."""

    text: str
    actions: list[Action] = field(default_factory=list)
    orders: list[Spot[str]] = field(default_factory=list)
    plates: list[Spot[str]] = field(default_factory=list)
    phones: list[Spot[str]] = field(default_factory=list)
    names: list[Spot[str]] = field(default_factory=list)
    parties: list[Spot[int]] = field(default_factory=list)
    instants: list[Spot[datetime]] = field(default_factory=list)
    lengths: list[Spot[timedelta]] = field(default_factory=list)
    shifts: list[Spot[spans.Shift]] = field(default_factory=list)
    cars: list[Spot[int]] = field(default_factory=list)
    repeats: str = ""
    days: list[Spot[DaySaid]] = field(default_factory=list)
    times: TimesSaid = field(default_factory=TimesSaid)
    needs: Needs = field(default_factory=Needs)
    languages: list[Spot[str]] = field(default_factory=list)
    wants_parking: bool | None = None

    @property
    def is_dated(self) -> bool:
        """Whether anything says when."""
        return bool(self.instants or self.times.starts or self.times.impossible)


def _pieces(text: str, here: Here, hints: Hints) -> _Pieces:
    """Read the pieces, the unmistakable first."""
    scan, found = Scan(text), _Pieces(text)
    found.names = contacts.quoted_names(scan)
    found.orders = orders_in(scan)
    found.actions = actions_in(Scan(scan.rest))
    found.repeats = repeats_in(scan)
    found.instants = spans.instants_in(scan)
    found.days = sure_days_in(scan, here.today)
    found.plates = contacts.plates_in(scan)
    found.names += contacts.titled_names(scan)
    found.parties = parties_in(scan)
    found.cars = cars_in(scan)
    found.shifts = spans.shifts_in(scan)
    found.instants += spans.soon_in(scan, here.now)
    # Before phone numbers, which would swallow the digits of a time or date beside them.
    parts, clocks = parts_in(scan), strict_times(scan)
    found.days += days_in(scan, here.today, hints)
    found.phones = contacts.phones_in(scan, hints)
    found.lengths = spans.lengths_in(scan)
    _read_times(scan, found, parts, clocks, here, hints)
    found.parties += weak_parties_in(scan)
    found.needs = wishes.needs_in(scan)
    found.wants_parking = wishes.parking_in(scan)
    found.languages = languages_in(scan)
    found.names += contacts.other_names(scan)
    return found


def _read_times(
    scan: Scan,
    found: _Pieces,
    parts: list[Spot[PartSaid]],
    strict: list[Spot[Clock]],
    here: Here,
    hints: Hints,
) -> None:
    """Times of day, days and parts of the day: each helps to read the others."""
    clocks = more_clocks(scan, strict, has_date=bool(found.days))
    if clocks and not found.days:
        found.days += loose_days_in(scan, here.today, hints)
    noons = noons_in(scan)
    if noons and not clocks:
        clocks = [Spot(n.start, n.end, Clock(12, is_whole=True, is_firm=True)) for n in noons]
    elif noons:
        parts = sorted(parts + noons, key=lambda spot: spot.start)
    is_move = found.actions[:1] == [Action.MOVE]
    found.days = _days_meant(scan, found.days + _days_of(parts, here.today), is_move=is_move)
    found.times = times_said(scan, clocks, parts, is_move=is_move)


def _days_of(parts: list[Spot[PartSaid]], today: date) -> list[Spot[DaySaid]]:
    """The days that `tonight` and `明早` name."""
    return [
        Spot(each.start, each.end, DaySaid((today + timedelta(days=each.value.day),)))
        for each in parts
        if each.value.day is not None
    ]


def _days_meant(scan: Scan, said: list[Spot[DaySaid]], *, is_move: bool) -> list[Spot[DaySaid]]:
    """Of a move from one day to another only the new one counts."""
    targets = [spot for spot in said if is_move and is_target(scan, spot.start)]
    return targets or said


def _reading(found: _Pieces, here: Here) -> Reading:
    """Decide what the pieces mean together."""
    problems: list[Problem] = []
    action = _action(found, problems)
    heard = Understood(action, order_ref=_order(found, action, problems))
    if action not in {Action.BOOK, Action.MOVE}:
        return Unclear(tuple(problems), heard) if problems else heard
    time = _when(found, action, here, problems)
    heard = replace(
        heard,
        service_at=time.starts_at,
        shift=_shift(found, time),
        service_ends_at=time.ends_at,
        party=_party(found, problems),
        guest_phone=_only(found, found.phones, Field.PHONE, problems),
        guest_name=found.names[0].value if found.names else "",
        plate=_plate(found, heard.order_ref, problems),
        wants_parking=_wants_parking(found, action),
        needs=found.needs,
        language=_only(found, found.languages, Field.LANGUAGE, problems) or "",
        written_in=written_in(found.text),
    )
    if action is Action.MOVE and not problems and _changes_nothing(heard):
        problems.append(Problem(Field.CHANGE, Trouble.MISSING))
    return Unclear(tuple(problems), heard) if problems else heard


def _action(found: _Pieces, problems: list[Problem]) -> Action:
    """The action: booking unless something else is said. Where a time is given, words that ask
    (`where`, `help`) are noise."""
    if len(found.actions) > 1:
        problems.append(Problem(Field.ACTION, Trouble.SEVERAL, tuple(found.actions)))
        return found.actions[0]
    if is_question_only(found.text):
        return Action.HELP
    action = found.actions[0] if found.actions else Action.BOOK
    if action is Action.BOOK and _is_put_off(found):
        return Action.MOVE
    if action in {Action.STATUS, Action.HELP} and found.is_dated:
        return Action.BOOK
    return action


def _order(found: _Pieces, action: Action, problems: list[Problem]) -> str:
    if action is Action.HELP:
        return ""
    ref = _only(found, found.orders, Field.ORDER, problems)
    if ref is None and not found.orders:
        problems.append(Problem(Field.ORDER, Trouble.MISSING))
    elif ref is not None and is_order_too_long(ref):
        problems.append(Problem(Field.ORDER, Trouble.TOO_LONG, (ref,)))
    return ref or ""


def _only(
    found: _Pieces, spots: Sequence[Spot[T]], field: Field, problems: list[Problem]
) -> T | None:
    """The one value that all say; None for none, and for several, which is a problem."""
    values = list(dict.fromkeys(spot.value for spot in spots))
    if len(values) > 1:
        said = tuple(found.text[spot.start : spot.end].strip() for spot in spots)
        problems.append(Problem(field, Trouble.SEVERAL, said))
    return values[0] if len(values) == 1 else None


def _party(found: _Pieces, problems: list[Problem]) -> int | None:
    party = _only(found, found.parties, Field.PARTY, problems)
    if party is not None and not 1 <= party <= PARTY_MAX:
        problems.append(Problem(Field.PARTY, Trouble.IMPOSSIBLE, (str(party),)))
        return None
    return party


def _when(found: _Pieces, action: Action, here: Here, problems: list[Problem]) -> When:
    """When the service begins and ends; its absence is a problem of a booking, and of a move that
    names a day or an end."""
    if found.repeats:
        problems.append(Problem(Field.DATE, Trouble.REPEATED, (found.repeats,)))
        return When()
    if found.shifts and not found.is_dated:
        return _shifted(found, action, here, problems)
    instants = list(dict.fromkeys(spot.value for spot in found.instants))
    said = [(found.text[s.start : s.end].strip(), s.value) for s in found.days]
    lengths = list(dict.fromkeys(spot.value for spot in found.lengths))
    result = when(said, found.times, instants, lengths, here)
    problems += result.problems
    if result.starts_at is None and not result.problems:
        is_half_said = bool(found.days or found.times.ends or lengths)
        if action is Action.BOOK or is_half_said:
            problems.append(Problem(Field.TIME, Trouble.MISSING))
    return result


def _is_put_off(found: _Pieces) -> bool:
    """`订单1021提前半小时`: a change, though no word says so."""
    is_plain = all(spot.value.is_plain for spot in found.shifts)
    return bool(found.shifts) and not is_plain and not found.is_dated


def _shifted(found: _Pieces, action: Action, here: Here, problems: list[Problem]) -> When:
    """So much later: of a booking from now, if it is new; of a move, than it was."""
    shifts = {spot.value.length for spot in found.shifts}
    others = [*found.days, *found.times.ends, *found.lengths]
    said = tuple(found.text[spot.start : spot.end].strip() for spot in found.shifts)
    if len(shifts) > 1 or others:
        problems.append(Problem(Field.TIME, Trouble.SEVERAL, said))
        return When()
    length = shifts.pop()
    if not timedelta() < abs(length) <= timedelta(hours=STAY_HOURS_MAX):
        problems.append(Problem(Field.TIME, Trouble.IMPOSSIBLE, said))
        return When()
    return (
        When()
        if action is Action.MOVE
        else When(here.now.replace(second=0, microsecond=0) + length)
    )


def _shift(found: _Pieces, time: When) -> timedelta | None:
    if not found.shifts or found.is_dated or found.repeats or time.problems:
        return None
    return found.shifts[0].value.length


def _plate(found: _Pieces, order_ref: str, problems: list[Problem]) -> str:
    """The plate of the one car. Of several cars each is an order of its own, for it is changed and
    cancelled for itself."""
    plates = {spot.value for spot in found.plates}
    cars = max((spot.value for spot in found.cars), default=1)
    if cars > 1 or (len(plates) > 1 and are_listed(found.text, found.plates)):
        ref = order_ref or "1021"
        problems.append(Problem(Field.CARS, Trouble.ONE_EACH, (f"{ref}-1", f"{ref}-2")))
        return ""
    return _only(found, found.plates, Field.PLATE, problems) or ""


def _wants_parking(found: _Pieces, action: Action) -> bool | None:
    """Who writes to a car park wants parking, unless they say that they do not."""
    if found.wants_parking is None and action is Action.BOOK:
        return True
    return found.wants_parking


def _changes_nothing(heard: Understood) -> bool:
    return heard == Understood(Action.MOVE, order_ref=heard.order_ref)
