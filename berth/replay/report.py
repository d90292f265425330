"""What a replay has to say at its end: for people, and for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.text import Text

from berth.console import NOTES, SCREEN, print_table
from berth.replay.compare import Difference
from berth.replay.driver import Sent
from berth.replay.story import Story
from berth.replay.trace import TraceFormat
from parking.clock import rfc3339

SHOWN_MAX = 40


@dataclass(frozen=True, slots=True)
class StreamReport:
    """One subscriber: through which API, and what it got."""

    api: str
    version: int | None
    snapshots: int
    deltas: int
    reconnects: int


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """A replay, done and compared. `left_out` and `problems` tell of rows that were not replayed.

    `hours` is how many hours of history were compared; 0 when the place has other spaces too.
    """

    file: str
    trace_format: TraceFormat
    place: str
    place_id: int
    story: Story
    left_out: Mapping[str, int]
    gateways: Sequence[str]
    sent: Sent
    seconds: float
    streams: Sequence[StreamReport]
    hours: int
    differences: Sequence[Difference]

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


def as_json(report: ReplayReport) -> dict[str, Any]:
    """The report for a program."""
    story = report.story
    return {
        "file": report.file,
        "format": report.trace_format,
        "place": {"id": report.place_id, "name": report.place},
        "window": {"from": story.window.starts_at, "until": story.window.ends_at},
        "spaces": len(story.timelines),
        "stays": story.stays,
        "changes": story.changes,
        "leftOut": dict(report.left_out),
        "gateways": list(report.gateways),
        "sent": asdict(report.sent),
        "seconds": round(report.seconds, 3),
        "subscribers": [asdict(each) for each in report.streams],
        "compared": {
            "states": len(story.timelines),
            "changes": story.changes,
            "hours": report.hours,
            "subscribers": len(report.streams),
        },
        "differences": [asdict(each) for each in report.differences],
    }


def show(report: ReplayReport) -> None:
    """The report for a person."""
    print_table(("", report.place), _lines(report))
    for reason, count in report.left_out.items():
        SCREEN.print(Text(f"left out: {count} {reason}"), soft_wrap=True)
    if report.is_same:
        SCREEN.print(Text(f"No differences: {_compared(report)}.", "bold green"), soft_wrap=True)
        return
    rows = [_row(each) for each in report.differences[:SHOWN_MAX]]
    print_table(("what", "space", "at", "in the trace", "in the platform"), rows)
    count, more = len(report.differences), len(report.differences) - SHOWN_MAX
    tail = f"; {more} more are not shown (--json tells all)" if more > 0 else ""
    NOTES.print(Text(f"{count} differences{tail}.", "bold red"), soft_wrap=True)


def _lines(report: ReplayReport) -> list[tuple[str, str]]:
    story, sent = report.story, report.sent
    starts, ends = rfc3339(story.window.starts_at), rfc3339(story.window.ends_at)
    lines = [
        ("trace", f"{report.file} ({report.trace_format}), {starts} to {ends}"),
        ("stays", f"{story.stays} in {len(story.timelines)} spaces, {story.changes} changes"),
    ]
    if sent.reported:
        rate = sent.acknowledged / report.seconds if report.seconds else 0.0
        repeated = f", {sent.repeated} sent again" if sent.repeated else ""
        took = f"{report.seconds:.1f} s ({rate:.0f} a second)"
        told = f"{sent.reported} to {', '.join(report.gateways)}{repeated}, answered in {took}"
        lines.append(("reports", told))
    for stream in report.streams:
        again = f", {stream.reconnects} reconnects" if stream.reconnects else ""
        got = f"{stream.snapshots} snapshot(s), {stream.deltas} deltas{again}"
        lines.append((f"subscriber at {stream.api}", f"{got}, at version {stream.version}"))
    return lines


def _compared(report: ReplayReport) -> str:
    story = report.story
    parts = [f"{len(story.timelines)} states", f"{story.changes} changes to the second"]
    if report.hours:
        parts.append(f"{report.hours} hours of public history")
    if report.streams:
        parts.append(f"{len(report.streams)} subscriber(s) without a gap")
    return ", ".join(parts)


def _row(difference: Difference) -> tuple[object, ...]:
    at = None if difference.at is None else rfc3339(difference.at)
    return difference.aspect, difference.space, at, difference.expected, difference.found
