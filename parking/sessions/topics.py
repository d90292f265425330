"""How everyone hears that a stay has changed: a bare version, on which they read the row."""

import json

from parking.occupancy.change import PlaceChange
from parking.sessions.records import SessionRecord


def person_sessions_topic(person_id: int) -> str:
    """The stays of a driver."""
    return f"person:{person_id}:sessions"


def place_sessions_topic(place_id: int) -> str:
    """The stays at a place."""
    return f"place:{place_id}:sessions"


def tell_session(change: PlaceChange, session: SessionRecord) -> None:
    """Have the driver's and the place's followers told after the commit."""
    told = {"reservation_id": session.reservation_id, "session_id": session.id}
    body = json.dumps({**told, "version": session.version}).encode()
    change.tell(place_sessions_topic(session.place_id), body)
    if session.person_id is not None:
        change.tell(person_sessions_topic(session.person_id), body)
