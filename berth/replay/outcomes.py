"""What the platform says came of each visit, as its public API shows it to the operator."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from berth.replay.talking import Talk

PAGE = 50

SESSIONS = """query Sessions($place: ID!, $first: Int!, $after: String) {
  place(id: $place) {
    sessions(first: $first, after: $after) {
      nodes {
        state startedAt startedBy endedAt overstaySince plate
        amount { amountMinor }
        lines { lineId amountMinor }
        segments { kind amount { amountMinor } lines { amountMinor } }
        space { number }
        reservation { state startsAt endsAt steps { kind } }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}"""


@dataclass(frozen=True, slots=True)
class Stayed:
    """A session as it is shown. `segment_sums` are price and sum of the lines of each segment."""

    space: str
    started_at: datetime
    ended_at: datetime | None
    overstay_since: datetime | None
    starts_at: datetime
    ends_at: datetime
    states: tuple[str, str]
    started_by: str
    amount_minor: int | None
    lines_minor: int
    overstay_minor: int
    given_back_minor: int
    segment_sums: tuple[tuple[int, int], ...]
    steps: tuple[str, ...]


async def read_sessions(talk: Talk, place: str) -> dict[str, list[Stayed]]:
    """All sessions of the place by plate. Raises `ApiAway`, `ApiRefuses`."""
    found: dict[str, list[Stayed]] = {}
    after = None
    while True:
        variables = {"place": place, "first": PAGE, "after": after}
        connection = (await talk.query(SESSIONS, variables))["place"]["sessions"]
        for node in connection["nodes"]:
            found.setdefault(node["plate"], []).append(_stayed(node))
        if not connection["pageInfo"]["hasNextPage"]:
            return found
        after = connection["pageInfo"]["endCursor"]


def _stayed(node: dict[str, Any]) -> Stayed:
    reservation, segments = node["reservation"], node["segments"]
    given_back = [each for each in node["lines"] if each["lineId"] == "early-leave"]
    return Stayed(
        space=node["space"]["number"],
        started_at=datetime.fromisoformat(node["startedAt"]),
        ended_at=_time(node["endedAt"]),
        overstay_since=_time(node["overstaySince"]),
        starts_at=datetime.fromisoformat(reservation["startsAt"]),
        ends_at=datetime.fromisoformat(reservation["endsAt"]),
        states=(node["state"], reservation["state"]),
        started_by=node["startedBy"],
        amount_minor=_minor(node["amount"]),
        lines_minor=_sum(node["lines"]),
        overstay_minor=sum(_minor(s["amount"]) or 0 for s in segments if s["kind"] == "OVERSTAY"),
        given_back_minor=-_sum(given_back),
        segment_sums=tuple((_minor(s["amount"]) or 0, _sum(s["lines"])) for s in segments),
        steps=tuple(step["kind"] for step in reservation["steps"]),
    )


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _minor(amount: dict[str, Any] | None) -> int | None:
    return None if amount is None else int(amount["amountMinor"])


def _sum(lines: list[dict[str, Any]]) -> int:
    return sum(int(line["amountMinor"]) for line in lines)
