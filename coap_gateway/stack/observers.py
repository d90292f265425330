"""Who observes what (RFC 7641), within bounds."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from coap_gateway.stack.counters import Counters
from coap_gateway.stack.endpoint import Route
from coap_gateway.stack.limits import Limits
from coap_gateway.stack.options import InboundRequest
from coap_gateway.stack.oscore import Binding, Context
from coap_gateway.stack.site import Handler

Path = tuple[str, ...]


@dataclass(slots=True, eq=False)
class Observation:
    """One peer's interest in one resource; the stored request is run again for each change.

    ``busy`` while a notification is rendered or unacknowledged; ``dirty`` when the resource
    changed meanwhile: the observer then gets the newest state, not each one between.
    """

    route: Route
    token: bytes
    confirmable: bool
    request: InboundRequest
    handler: Handler
    credential_id: int
    context: Context | None
    binding: Binding | None
    confirmed_at: float
    sent_since_confirmed: int = 0
    busy: bool = False
    dirty: bool = False
    ended: bool = False


@dataclass(slots=True)
class Observers:
    """All observations: one a credential and request, `Limits.observers_per_credential_max` each.

    A newer registration of the same credential for the same resource and query replaces the older
    one, so a device that comes back from another address leaves nothing behind.
    """

    limits: Limits
    counters: Counters
    _by_path: dict[Path, dict[int, list[Observation]]] = field(default_factory=dict)
    _by_credential: dict[int, list[Observation]] = field(default_factory=dict)
    _count: int = 0

    def __len__(self) -> int:
        return self._count

    def add(self, observation: Observation) -> bool:
        """Take an observer in; False if there are too many (it gets a plain answer)."""
        mine = self._by_credential.get(observation.credential_id, [])
        for other in list(mine):
            if _interest(other) == _interest(observation) or _same_token(other, observation):
                self.remove(other)
        mine = self._by_credential.setdefault(observation.credential_id, [])
        limits = self.limits
        if len(mine) >= limits.observers_per_credential_max:
            self.remove(mine[0])
            self.counters.observers_pruned += 1
            mine = self._by_credential.setdefault(observation.credential_id, [])
        if self._count >= limits.observers_total_max:
            return False
        mine.append(observation)
        of_path = self._by_path.setdefault(observation.request.path, {})
        of_path.setdefault(observation.credential_id, []).append(observation)
        self._count += 1
        return True

    def remove(self, observation: Observation) -> None:
        """Take an observer out; harmless if it is out already."""
        if observation.ended:
            return
        mine = self._by_credential.get(observation.credential_id)
        if mine is None or observation not in mine:
            observation.ended = True
            return
        observation.ended = True
        self._count -= 1
        _discard(self._by_credential, observation.credential_id, observation)
        of_path = self._by_path[observation.request.path]
        _discard(of_path, observation.credential_id, observation)
        if not of_path:
            del self._by_path[observation.request.path]

    def cancel(self, route: Route, token: bytes, credential_id: int) -> None:
        """The peer deregistered this token."""
        for observation in list(self._by_credential.get(credential_id, [])):
            if observation.route == route and observation.token == token:
                self.remove(observation)

    def forget(self, credential_id: int) -> None:
        """The credential is gone, and its observations with it."""
        for observation in list(self._by_credential.get(credential_id, [])):
            self.remove(observation)

    def at(self, path: Path, credential_id: int | None) -> list[Observation]:
        """Observations of ``path``, of one credential or of all."""
        of_path = self._by_path.get(path, {})
        if credential_id is not None:
            return list(of_path.get(credential_id, []))
        return [observation for some in of_path.values() for observation in some]


def _interest(observation: Observation) -> Hashable:
    request = observation.request
    return request.path, request.query, request.accept


def _same_token(one: Observation, other: Observation) -> bool:
    return one.route == other.route and one.token == other.token


def _discard(
    index: dict[int, list[Observation]], credential_id: int, observation: Observation
) -> None:
    index[credential_id].remove(observation)
    if not index[credential_id]:
        del index[credential_id]
