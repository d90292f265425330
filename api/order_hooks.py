"""`POST /hooks/orders/{public_id}`: orders from a merchant's order system, signed with a hook.

Signed as Standard Webhooks says. 200 with what came of the order, also where it was refused: the
message is taken, and a repeat gets the same answer. 401: not signed with the hook's secret, or not
now; 404: no such hook; 409: the id came with another body, or the unit is closed; 413: too long;
422: not as the guide says, with each field; 429: too many; 503: again in a few seconds.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.bodies import body_within
from api.metrics import Metric, counter_metrics
from parking.accounts.attempts import Limit
from parking.devices.sealing import Sealer
from parking.errors import Conflict, KeyReused, Refusal, TooManyTries
from parking.merchants.hook_intake import (
    CALLS_PER_HOOK,
    HookAnswer,
    recognise,
    take_message,
)
from parking.merchants.hook_messages import Unreadable
from parking.merchants.orders.desk import Desk

BODY_BYTES_MAX = 16 * 1024
"""An order is a few hundred bytes."""
PATH = "/hooks/orders/"
ID_HEADER = "webhook-id"


class OrderHooks:
    """The route of all hooks. `link_of` makes the whole address of a booking's page from its id and
    the generation of its link."""

    def __init__(
        self,
        desk: Desk,
        sealer: Sealer,
        link_of: Callable[[int, int], str],
        limit: Limit = CALLS_PER_HOOK,
    ) -> None:
        self._desk = desk
        self._sealer = sealer
        self._link_of = link_of
        self._limit = limit
        self._counts: Counter[str] = Counter()

    def routes(self) -> list[Route]:
        """One."""
        path = f"{PATH}{{public_id}}"
        return [Route(path, self.receive, methods=["POST"], name="order_hook")]

    def metrics(self) -> Iterator[Metric]:
        """How many messages came in, by what became of them."""
        yield from counter_metrics("order_hook", "Order hooks", {"received": dict(self._counts)})

    async def receive(self, request: Request) -> Response:
        """One message."""
        body = await body_within(request, BODY_BYTES_MAX)
        if body is None:
            return self._refused(413, "TOO_LONG", f"at most {BODY_BYTES_MAX} bytes")
        public_id, headers = request.path_params["public_id"], request.headers
        now = self._desk.clock.now()
        called = await recognise(public_id, headers, body, self._sealer, now)
        if not called.is_known:
            return self._refused(404, "NOT_FOUND", "there is no such hook")
        if called.signer is None:
            return self._refused(401, "UNAUTHENTICATED", "not signed with this hook, or not now")
        try:
            answer = await take_message(
                called.signer, headers[ID_HEADER], body, self._desk, self._limit
            )
        except Refusal as error:
            return self._declined(error)
        return self._taken(answer)

    def _taken(self, answer: HookAnswer) -> Response:
        self._counts["taken"] += 1
        link = None if answer.booked is None else self._link_of(*answer.booked)
        return _json(200, {**answer.told, "link": link})

    def _declined(self, error: Refusal) -> Response:
        if isinstance(error, Unreadable):
            told = [fault._asdict() for fault in error.faults]
            return self._refused(422, error.code, error.message, errors=told)
        if isinstance(error, TooManyTries):
            wait = {"retry-after": str(error.retry_after_seconds)}
            return self._refused(429, error.code, error.message, headers=wait)
        if isinstance(error, KeyReused):
            why = "this webhook-id came with another body before; give each message its own"
            return self._refused(409, "ID_REUSED", why)
        if isinstance(error, Conflict):
            return self._refused(409, error.code, error.message)
        raise error

    def _refused(
        self,
        status: int,
        code: str,
        message: str,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Response:
        self._counts[code.lower()] += 1
        return _json(status, {"code": code, "message": message, **more}, headers)


def _json(status: int, told: Any, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse(told, status, {"cache-control": "no-store", **(headers or {})})
