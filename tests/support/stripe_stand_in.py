"""A Stripe to test against: localstripe, a public package, as a process of its own; and before it a
proxy that adds what localstripe lacks and Stripe documents, and that fails as rails do.

Added: idempotency keys (answers kept, errors too), filters of lists, `amount_received`, transfers,
refunds never above what was captured. See docs/payments.md for the list.
"""

import asyncio
import hashlib
import json
import subprocess
import sys
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
from aiohttp import web

KEY = "sk_test_" + "berth" * 6
PUBLIC_KEY = "pk_test_" + "berth" * 6
PROCESS = Path(__file__).with_name("localstripe_process.py")
Json = dict[str, Any]


class Fault(StrEnum):
    """How the next request fails."""

    REFUSED = "REFUSED"
    """The connection is cut before anything is done."""
    SLOW = "SLOW"
    """It is done, but no answer comes while the client waits."""
    ERROR = "ERROR"
    """Answered with 500; nothing is done."""
    ERROR_AFTER = "ERROR_AFTER"
    """It is done, and answered with 500."""
    LOST = "LOST"
    """It is done, and the connection is cut instead of an answer."""
    NEVER = "NEVER"
    """Answered with 400: the rail will not do it."""


PASSING = (Fault.REFUSED, Fault.SLOW, Fault.ERROR, Fault.ERROR_AFTER, Fault.LOST)
"""After these the same may be asked for again."""


@dataclass
class Hold:
    """One request without an answer, until it is over."""

    is_done_first: bool
    is_asked: asyncio.Event = field(default_factory=asyncio.Event)
    is_over: asyncio.Event = field(default_factory=asyncio.Event)

    async def keep(self) -> None:
        """Wait."""
        self.is_asked.set()
        await self.is_over.wait()


@contextmanager
def localstripe() -> Iterator[str]:
    """localstripe meanwhile; its URL."""
    process = subprocess.Popen(
        [sys.executable, str(PROCESS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        port = process.stdout.readline().strip()
        assert port, "localstripe did not start"
        yield f"http://127.0.0.1:{port}"
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


class StripeStandIn:
    """The proxy. `url` is what BERTH_STRIPE_API_BASE is set to; `unheard` counts
    answers for which whoever had asked was gone."""

    def __init__(self, behind: str) -> None:
        self._behind = behind
        # Loading all certificates takes longer than a test.
        self._client = httpx.AsyncClient(base_url=behind, timeout=30, verify=False)
        self._faults: deque[tuple[str, Fault]] = deque()
        self._answers: dict[str, tuple[str, int, Json]] = {}
        self._under_way: set[str] = set()
        self._captured: dict[str, int] = {}
        self._refunded: Counter[str] = Counter()
        self._intents: dict[str, list[str]] = defaultdict(list)
        """By customer, oldest first: localstripe cannot search, and to read all would make each
        visit of a month slower than the one before."""
        self._transfers: dict[str, Json] = {}
        self._ending = asyncio.Event()
        self.is_down = False
        self.refunds_are = "succeeded"
        self.calls: list[tuple[str, str]] = []
        self.unheard = 0
        self._hold: Hold | None = None
        self._holds = 0
        self.url = ""

    async def forget(self) -> None:
        """All that localstripe knows."""
        (await self._client.delete("/_config/data")).raise_for_status()

    def fail_next(self, path_part: str, *faults: Fault) -> None:
        """Let the next POSTs whose path has this part fail so, one after the other."""
        self._faults.extend((path_part, fault) for fault in faults)

    @asynccontextmanager
    async def holding(self) -> AsyncIterator[asyncio.Event]:
        """Keep back the answer to the next POST of Berth's meanwhile; the event says that it came.
        In turns it is done before it is held, or only afterwards."""
        self._holds += 1
        hold = self._hold = Hold(is_done_first=self._holds % 2 == 0)
        try:
            yield hold.is_asked
        finally:
            self._hold = None
            hold.is_over.set()

    def recover(self) -> None:
        """No request fails any more."""
        self._faults.clear()

    @property
    def faults_left(self) -> int:
        """How many of them have not happened yet."""
        return len(self._faults)

    async def as_page(self, method: str, path: str, **data: Any) -> Json:
        """What the driver's page sends with the publishable key."""
        answer = await self._client.request(method, path, data={"key": PUBLIC_KEY, **data})
        found: Json = answer.json()
        return found

    async def fill_form(self, reference: str, secret: str, card: str) -> None:
        """What Stripe's component on the page does."""
        path = f"/v1/setup_intents/{reference}/confirm"
        parts = {"number": card, "exp_month": "12", "exp_year": "2030", "cvc": "123"}
        given = {f"payment_method_data[card][{name}]": text for name, text in parts.items()}
        given["payment_method_data[type]"] = "card"
        await self.as_page("POST", path, client_secret=secret, **given)
        # localstripe lets any second call stand for the bank's page.
        await self.as_page("POST", path, client_secret=secret)

    async def intents(self) -> list[Json]:
        """All payments, as localstripe has them."""
        found = await self._list("/v1/payment_intents")
        self._complete({"data": found})
        return found

    async def refunds(self) -> list[Json]:
        """All refunds that Berth made, as localstripe has them."""
        found = await self._list("/v1/refunds")
        return [each for each in found if each["metadata"].get("berth_key")]

    @property
    def transfers(self) -> list[Json]:
        """All transfers to connected accounts."""
        return list(self._transfers.values())

    async def as_owner(self, path: str, **data: Any) -> Json:
        """What whoever owns the Stripe account does on its dashboard."""
        answer = await self._client.post(path, data=data, headers=_headers())
        found: Json = answer.json()
        return found

    async def send_webhooks_to(self, url: str, secret: str) -> None:
        """Have localstripe send its webhooks."""
        hook = {"url": url, "secret": secret}
        answer = await self._client.post("/_config/webhooks/berth", json=hook)
        answer.raise_for_status()

    async def _list(self, path: str) -> list[Json]:
        found: list[Json] = []
        while True:
            params = {"limit": 100} | ({"starting_after": found[-1]["id"]} if found else {})
            answer = await self._client.get(path, params=params, headers=_headers())
            page = answer.json()
            found += page["data"]
            if not page["has_more"]:
                return found

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One request of Berth's."""
        self.calls.append((request.method, request.path))
        try:
            await request.read()
        except ConnectionResetError:  # whoever asks was killed before all had come
            return _cut(request)
        hold = self._held(request)
        if hold is not None and not hold.is_done_first:
            await hold.keep()
        fault = self._fault(request)
        if self.is_down or fault is Fault.REFUSED:
            return _cut(request)
        if fault is Fault.NEVER:
            return web.json_response(_error("parameter_invalid", "not allowed"), status=400)
        if fault is Fault.ERROR:
            status, body = 500, _error("api_error", "something went wrong")
            self._keep(request, "", status, body)
        else:
            status, body = await self._once(request)
        if fault is Fault.ERROR_AFTER:
            status, body = 500, _error("api_error", "something went wrong")
            self._keep(request, "", status, body)
        if hold is not None and hold.is_done_first:
            await hold.keep()
        if fault is Fault.SLOW:
            await self._ending.wait()
        if fault in (Fault.LOST, Fault.SLOW):
            return _cut(request)
        self.unheard += request.transport is None
        return web.json_response(body, status=status)

    def _held(self, request: web.Request) -> Hold | None:
        if request.method != "POST" or self._hold is None:
            return None
        hold, self._hold = self._hold, None
        return hold

    def _fault(self, request: web.Request) -> Fault | None:
        if request.method == "POST" and self._faults and self._faults[0][0] in request.path:
            return self._faults.popleft()[1]
        return None

    def _keep(self, request: web.Request, digest: str, status: int, body: Json) -> None:
        key = request.headers.get("Idempotency-Key")
        if request.method == "POST" and key is not None:
            self._answers[key] = (digest, status, body)

    async def _once(self, request: web.Request) -> tuple[int, Json]:
        """Stripe keeps the first answer under a key, and refuses the key for another request."""
        key, content = request.headers.get("Idempotency-Key"), await request.read()
        digest = hashlib.sha256(request.path.encode() + content).hexdigest()
        if request.method == "POST" and key is not None and key in self._answers:
            kept, status, body = self._answers[key]
            if kept not in ("", digest):
                return 400, _error("idempotency_error", "the key was used for another request")
            return status, body
        if key is not None and key in self._under_way:
            return 409, _error("idempotency_key_in_use", "another request is under way")
        self._under_way.add(key or "")
        try:
            status, body = await self._answer(request, dict(parse_qsl(content.decode())))
        finally:
            self._under_way.discard(key or "")
        self._keep(request, digest, status, body)
        return status, body

    async def _answer(self, request: web.Request, given: dict[str, str]) -> tuple[int, Json]:
        if request.path.startswith("/v1/transfers"):
            return self._transfer(request, given)
        if request.path == "/v1/refunds" and request.method == "POST":
            problem = self._beyond_captured(given)
            if problem is not None:
                return 400, problem
        if request.method == "GET" and request.path == "/v1/payment_intents":
            return 200, await self._intents_of(request.query["customer"])
        params = {k: v for k, v in request.query.items() if not k.startswith(("created", "cust"))}
        answer = await self._client.request(
            request.method, request.path, params=params, headers=_headers(),
            content=await request.read() or None,
        )  # fmt: skip
        body = answer.json()
        if request.path.endswith("/capture") and answer.status_code == 200:
            amount = int(given.get("amount_to_capture") or body["amount"])
            self._captured[body["id"]] = amount
        if request.method == "POST" and answer.status_code == 200:
            self._note(request.path, given, body)
        self._complete(body)
        return answer.status_code, body

    def _note(self, path: str, given: dict[str, str], body: Json) -> None:
        if path == "/v1/payment_intents":
            self._intents[body["customer"]].append(body["id"])
        if path == "/v1/refunds":
            self._refunded[given["payment_intent"]] += body["amount"]

    async def _intents_of(self, customer: str) -> Json:
        paths = [f"/v1/payment_intents/{each}" for each in reversed(self._intents[customer])]
        data = [(await self._client.get(each, headers=_headers())).json() for each in paths]
        body = {"object": "list", "data": data, "has_more": False, "url": "/v1/payment_intents"}
        self._complete(body)
        return body

    def _complete(self, body: Json) -> None:
        for each in body.get("data", [body]) if isinstance(body.get("data", []), list) else [body]:
            if each.get("object") == "payment_intent":
                taken = self._captured.get(each["id"], each["amount"])
                each["amount_received"] = taken if each["status"] == "succeeded" else 0
            if each.get("object") == "refund":
                each["status"] = self.refunds_are

    def _beyond_captured(self, given: dict[str, str]) -> Json | None:
        intent = given["payment_intent"]
        taken = self._captured.get(intent, 10**12)
        if self._refunded[intent] + int(given["amount"]) > taken:
            return _error("charge_already_refunded", "the charge has been refunded")
        return None

    def _transfer(self, request: web.Request, given: dict[str, str]) -> tuple[int, Json]:
        if request.method == "GET":
            group = request.query.get("transfer_group")
            found = [t for t in self.transfers if t["transfer_group"] == group]
            return 200, {"object": "list", "data": found, "has_more": False, "url": request.path}
        if not given["destination"].startswith("acct_"):
            return 400, _error("resource_missing", f"no such destination: {given['destination']}")
        made = {
            "id": f"tr_{len(self._transfers) + 1}", "object": "transfer",
            "amount": int(given["amount"]), "currency": given["currency"],
            "destination": given["destination"], "transfer_group": given["transfer_group"],
            "metadata": {"berth_key": given["metadata[berth_key]"]},
        }  # fmt: skip
        self._transfers[str(made["id"])] = made
        return 200, made

    async def close(self) -> None:
        """End what still waits."""
        self._ending.set()
        await self._client.aclose()


@asynccontextmanager
async def stand_in(behind: str) -> AsyncIterator[StripeStandIn]:
    """A proxy before localstripe, which forgets everything first."""
    proxy = StripeStandIn(behind)
    await proxy.forget()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", proxy.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    proxy.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield proxy
    finally:
        await proxy.close()
        await runner.cleanup()


def _headers() -> dict[str, str]:
    return {
        "Authorization": f"Bearer {KEY}", "Content-Type": "application/x-www-form-urlencoded"
    }  # fmt: skip


def _error(code: str, message: str) -> Json:
    kind = code if code.endswith("_error") else "invalid_request_error"
    error: Json = json.loads(json.dumps({"type": kind, "code": code, "message": message}))
    return {"error": error}


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
