"""Hearing that somebody's standing was taken away, in whatever process; with a bus or without.

Each such deed is in the audit trail, in its own transaction. So what a process keeps of standings
is forgotten, and live connections are checked, within a moment; and no crash swallows it.
"""

from datetime import datetime, timedelta

from parking.accounts.standings import Standings
from parking.clock import Clock
from parking.storage.sql import database

LOOK_BACK = timedelta(seconds=60)
"""How far back deeds are looked at: longer than any transaction takes to commit."""
VERBS = ("end_sign_in", "remove_role", "revoke_api_key")
"""Of the trail: what takes something away. What is given may be noticed later."""


class StandingsRelay:
    """Forgets, at each `run_once`, the standings that were changed since the look before."""

    def __init__(self, standings: Standings, clock: Clock) -> None:
        self._standings = standings
        self._clock = clock
        self._known: frozenset[int] = frozenset()
        self._looked_at: datetime | None = None

    async def run_once(self) -> frozenset[str]:
        """Whose standings were changed, as `Viewer.actor` names them; the first time those of the
        last minute. Raises what the database raises, and then tells them at the next look."""
        now = self._clock.now()
        sql = database()
        rows = await sql.fetch(
            f"SELECT id, subject FROM audit_entry WHERE at >= $1 AND verb {sql.any_of('$2')}",
            (self._looked_at or now) - LOOK_BACK,
            list(VERBS),
        )
        fresh = {row["subject"] for row in rows if row["id"] not in self._known}
        self._known, self._looked_at = frozenset(row["id"] for row in rows), now
        for subject in fresh:
            self._forget(subject)
        return frozenset(fresh)

    def _forget(self, subject: str) -> None:
        kind, _, key = subject.partition(":")
        if kind == "person":
            self._standings.forget_person(int(key))
        else:
            self._standings.forget_api_key(int(key))
