"""What a booked replay has to say at its end: for people, and for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.text import Text

from berth.console import NOTES, SCREEN, print_table
from berth.replay.compare import Difference
from berth.replay.declared import Visit
from berth.replay.expected import Outcome
from berth.replay.purses import LACKING, OWING
from parking.clock import rfc3339

SHOWN_MAX = 40


@dataclass(frozen=True, slots=True)
class BookedReport:
    """A booked replay, done and compared.

    `ends` counts visits that left early, late and on time; `opened` how often an arm went down;
    `kept_out` cars that a locked bay did not let in, by the reason; `kills` how often each process
    of the platform was killed: one, or API, gateway and worker; empty where it had none of its own.
    `in_the_midst` counts the kills while something was under way; `settled` are sums of the
    settlements, in minor units.
    """

    file: str
    place: str
    visits: Sequence[Visit]
    left_out: Mapping[str, int]
    outcomes: Sequence[Outcome]
    ends: Mapping[str, int]
    spaces: int
    locked: int
    opened: int
    kept_out: Mapping[str, int]
    reports: int
    changes: int
    seconds: float
    kills: Mapping[str, int]
    in_the_midst: int
    settled: Mapping[str, Any]
    differences: Sequence[Difference]

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return not self.differences

    @property
    def bookings(self) -> dict[str, int]:
        """What must have come of asking for a booking, and did where nothing differs."""
        made = [each for each in self.outcomes if each.booked_at is not None]
        arrivals = [visit.arrival for visit in self.visits]
        booked = [each.booked_at for each in self.outcomes]
        on_arrival = sum(a == b for a, b in zip(arrivals, booked, strict=True))
        return {
            "ahead": len(made) - on_arrival,
            "onArrival": on_arrival,
            "refusals": sum(each.refusals for each in self.outcomes),
            "neverBooked": len(self.outcomes) - len(made),
        }

    @property
    def money(self) -> dict[str, int]:
        """In minor units."""
        return {
            "amount": sum(each.amount_minor or 0 for each in self.outcomes),
            "overstay": sum(each.overstay_minor for each in self.outcomes),
            "givenBack": sum(each.given_back_minor for each in self.outcomes),
        }


def as_json(report: BookedReport) -> dict[str, Any]:
    """The report for a program."""
    return {
        "file": report.file,
        "place": report.place,
        "visits": len(report.visits),
        "leftOut": dict(report.left_out),
        "bookings": report.bookings,
        "ends": dict(report.ends),
        "moneyMinor": report.money,
        "settledMinor": dict(report.settled),
        "spaces": report.spaces,
        "locked": report.locked,
        "opened": report.opened,
        "keptOut": dict(report.kept_out),
        "reports": report.reports,
        "changes": report.changes,
        "seconds": round(report.seconds, 3),
        "kills": sum(report.kills.values()),
        "killed": dict(report.kills),
        "killedInTheMidst": report.in_the_midst,
        "differences": [asdict(each) for each in report.differences],
    }


def show(report: BookedReport) -> None:
    """The report for a person."""
    print_table(("", report.place), _lines(report))
    for reason, count in report.left_out.items():
        SCREEN.print(Text(f"left out: {count} {reason}"), soft_wrap=True)
    if report.is_same:
        told = "No differences: bookings, stays, prices, locks, states and history are as they must"
        money = "be; each escrow is empty, each receipt recomputes, the books balance."
        SCREEN.print(Text(f"{told} {money}", "bold green"), soft_wrap=True)
        return
    rows = [_row(each) for each in report.differences[:SHOWN_MAX]]
    print_table(("what", "space", "at", "must be", "is"), rows)
    NOTES.print(Text(f"{len(report.differences)} differences.", "bold red"), soft_wrap=True)


def _lines(report: BookedReport) -> list[tuple[str, str]]:
    made, ends, money = report.bookings, report.ends, report.money
    arms = f"{report.locked} of {report.spaces} bays have a lock; an arm went down"
    kept_out = "".join(f"; {count} kept out ({why})" for why, count in report.kept_out.items())
    return [
        ("trace", f"{report.file}: {len(report.visits)} visits to {report.spaces} bays"),
        (
            "booked",
            (
                f"{made['ahead']} ahead, {made['onArrival']} on arrival; refused {made['refusals']}"
                f" times; {made['neverBooked']} never"
            ),
        ),
        ("left", ", ".join(f"{count} {end}" for end, count in sorted(ends.items()))),
        (
            "price",
            (
                f"{money['amount'] / 100:.2f} in all, of which {money['overstay'] / 100:.2f} for"
                f" overstaying; {money['givenBack'] / 100:.2f} given back"
            ),
        ),
        *_settled(report.settled),
        ("locks", f"{arms} {report.opened} times{kept_out}"),
        ("reports", f"{report.reports} acknowledged, in {report.seconds:.1f} s"),
        *_deaths(report),
    ]


def _settled(settled: Mapping[str, Any]) -> list[tuple[str, str]]:
    def told(name: str) -> str:
        return f"{settled[name] / 100:.2f}"

    ends = ", ".join(
        f"{count} {outcome.lower().replace('_', ' ')}"
        for outcome, count in sorted(settled["outcomes"].items())
    )
    parts = ", ".join(f"{name} {told(name)}" for name in ("owner", "property", "platform", "tax"))
    drivers = (
        f"{told('paidIn')} paid in, {told('refund')} given back, {told('toppedUp')} topped up;"
        f" {settled['receivables']} left owing {told('receivable')}, of which"
        f" {told('stillOwed')} is owed still"
    )
    refused = settled["confirmationsRefused"]
    reasons = (
        f"{refused.get(LACKING, 0)} confirmations for want of money, {refused.get(OWING, 0)} for a"
        " debt; the driver paid in what was named, and was confirmed"
    )
    return [
        ("settled", f"{settled['settled']} bookings ({ends}): {told('cost')} = {parts}"),
        ("drivers", drivers),
        ("refused", reasons),
        ("paid out", f"{told('paidOut')}; the books balance on {settled['days']} days"),
    ]


def _deaths(report: BookedReport) -> list[tuple[str, str]]:
    if not (count := sum(report.kills.values())):
        return []
    roles = ", ".join(f"{role} {times}" for role, times in report.kills.items())
    told = f"{count} times ({roles}), {report.in_the_midst} of these while something was under way"
    return [("kill -9", told)]


def _row(difference: Difference) -> tuple[object, ...]:
    at = None if difference.at is None else rfc3339(difference.at)
    return difference.aspect, difference.space, at, difference.expected, difference.found
