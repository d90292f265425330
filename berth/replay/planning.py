"""From the command line's words to a plan. Raises InvalidInput or TraceUnreadable."""

import math
import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from berth.replay.cleaning import clean
from berth.replay.reading import read_file
from berth.replay.run import Plan
from berth.replay.story import Story, Window, tell
from berth.replay.trace import RowProblem, Trace, TraceFormat, TraceUnreadable
from berth.simulate.links import Link
from coap_gateway.reading import PAST_SECONDS_MAX
from parking.clock import rfc3339
from parking.errors import InvalidInput
from parking.places.rules import checked_time_zone

PROBLEMS_TOLD_MAX = 10
_DAY = re.compile(r"(\d{4})-(\d\d)(?:-(\d\d))?")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for on the command line."""

    file: Path
    trace_format: TraceFormat | None = None
    starts: str | None = None
    ends: str | None = None
    month: str | None = None
    limit: int | None = None
    place: str | None = None
    time_zone: str | None = None
    speed: str = "max"
    partial: bool = False
    is_fresh: bool = False
    is_check: bool = False


class RowsBad(TraceUnreadable):
    """Some rows cannot be read, and --partial was not given."""

    code = "ROWS_BAD"

    def __init__(self, name: str, problems: list[RowProblem]) -> None:
        self.problems = problems
        told = "; ".join(f"line {p.line}: {p.message}" for p in problems[:PROBLEMS_TOLD_MAX])
        more = len(problems) - PROBLEMS_TOLD_MAX
        tail = f"; and {more} more" if more > 0 else ""
        super().__init__(
            f"{name}: {len(problems)} rows cannot be read, so nothing was replayed ({told}{tail}); "
            "correct them, or leave them out with --partial"
        )


def plan_of(asked: Asked, link: Link, apis: list[str], now: datetime) -> Plan:
    """The plan for what was asked."""
    trace = in_its_zone(read_file(asked.file, asked.trace_format), asked.time_zone)
    if trace.problems and not asked.partial:
        raise RowsBad(asked.file.name, list(trace.problems))
    cleaned = clean(trace.stays)
    starts_at, ends_at = bounds_of(asked, ZoneInfo(trace.origin.time_zone))
    story = tell(cleaned.spans, trace.origin.time_zone, starts_at, ends_at, asked.limit)
    if not story.timelines:
        raise TraceUnreadable(f"{asked.file.name} has no stay in what is to be replayed")
    story = _until_now(story, now)
    return Plan(
        file=asked.file.name,
        trace=trace,
        story=story,
        left_out=_left_out(trace, cleaned.notes),
        place=asked.place or default_name(asked),
        link=link,
        apis=apis,
        speed=speed_of(asked.speed),
        is_fresh=asked.is_fresh,
        is_check=asked.is_check,
    )


def api_of(text: str) -> str:
    """`http://host:port`, without a path."""
    parts = urlsplit(text if "://" in text else f"http://{text}")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
        raise InvalidInput("api", f"--api is {text!r}; expected a URL such as http://HOST:PORT")
    return f"{parts.scheme}://{parts.netloc}"


def speed_of(text: str) -> float | None:
    """How many seconds of the trace pass in one; None for `max`."""
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed < math.inf:
        raise InvalidInput("speed", f"--speed is {text!r}; expected a number above 0, or max")
    return speed


def in_its_zone(trace: Trace, time_zone: str | None) -> Trace:
    """The trace, recorded where `--time-zone` says; formats of one city know it themselves."""
    if time_zone is None:
        return trace
    zone = checked_time_zone("timeZone", time_zone)
    return replace(trace, origin=replace(trace.origin, time_zone=zone))


def bounds_of(asked: Asked, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """The window that was asked for, in UTC; None where it has no bound."""
    if asked.month is not None:
        if asked.starts is not None or asked.ends is not None:
            raise InvalidInput("month", "give --month, or --from and --until, not both")
        starts_at = _start(asked.month, "--month", zone)
        return starts_at, _next_month(starts_at.astimezone(zone)).astimezone(UTC)
    starts = None if asked.starts is None else _start(asked.starts, "--from", zone)
    ends = None if asked.ends is None else _start(asked.ends, "--until", zone)
    if starts is not None and ends is not None and ends <= starts:
        raise InvalidInput("until", "--until must lie after --from")
    return starts, ends


def _start(text: str, flag: str, zone: ZoneInfo) -> datetime:
    """The first instant of a month or day in the zone of the trace, in UTC."""
    found = _DAY.fullmatch(text.strip())
    try:
        if found is None:
            raise ValueError(text)
        year, month, day = (int(part or 1) for part in found.groups())
        return datetime(year, month, day, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        told = f"{flag} is {text!r}; expected a day such as 2019-10-01, or a month, 2019-10"
        raise InvalidInput(flag.lstrip("-"), told) from None


def _next_month(local: datetime) -> datetime:
    return (local.replace(day=1) + timedelta(days=32)).replace(day=1)


def _until_now(story: Story, now: datetime) -> Story:
    """The story, over by now. Raises `TraceUnreadable` for times that no gateway believes."""
    if story.window.starts_at < now - timedelta(seconds=PAST_SECONDS_MAX):
        raise TraceUnreadable(
            f"the trace begins on {story.window.starts_at:%Y-%m-%d}, and gateways take no event "
            f"times of more than {PAST_SECONDS_MAX / 86_400:.0f} days ago; choose a later --from"
        )
    latest = max(turn.at for turns in story.timelines.values() for turn in turns)
    if latest > now:
        raise TraceUnreadable(
            f"the trace goes on until {rfc3339(latest)}, which is still to come; choose an "
            "earlier --until"
        )
    ends_at = min(story.window.ends_at, now.replace(microsecond=0))
    return replace(story, window=Window(story.window.starts_at, ends_at))


def _left_out(trace: Trace, notes: Counter[str]) -> Counter[str]:
    left_out = trace.left_out + notes
    if trace.problems:
        left_out["rows that cannot be read (--partial)"] = len(trace.problems)
    return left_out


def default_name(asked: Asked) -> str:
    """Of the place, by what goes into it."""
    stem = asked.file.name.removesuffix(".gz").removesuffix(".csv")
    parts = [asked.month or "", asked.starts or "", "to " + asked.ends if asked.ends else ""]
    if asked.limit is not None:
        parts.append(f"first {asked.limit}")
    return " ".join(["Replay of", stem, *(part for part in parts if part)])
