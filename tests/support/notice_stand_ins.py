"""Real HTTP servers that stand in for Twilio, WeChat and receivers of webhooks."""

import asyncio
import base64
import json
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

TWILIO_SID, TWILIO_TOKEN = "AC" + "0" * 32, "f" * 32
WECHAT_APP, WECHAT_SECRET = "wx0123456789abcdef", "e" * 32
TOKEN_SECONDS = 7200


@dataclass
class Asked:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    form: dict[str, str] = field(default_factory=dict)
    json: Any = None


class StandIn:
    """A server that keeps what it is asked. `faults` are the statuses of the next answers; `HANG`
    keeps one back until the end, `CUT` cuts the connection."""

    HANG, CUT = -1, -2

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[Asked] = []
        self.faults: deque[int] = deque()
        self.headers: dict[str, str] = {}
        self._ending = asyncio.Event()

    async def answer(self, asked: Asked) -> web.Response:
        """What a request is answered that does not fail."""
        return web.Response(status=204)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One request."""
        body = await request.read()
        asked = Asked(request.method, request.path_qs, dict(request.headers), body)
        if request.content_type == "application/x-www-form-urlencoded":
            asked.form = {key: str(value) for key, value in (await request.post()).items()}
        if request.content_type == "application/json":
            asked.json = await request.json()
        self.asked.append(asked)
        fault = self.faults.popleft() if self.faults else None
        if fault == self.HANG:
            await self._ending.wait()
        if fault in (self.HANG, self.CUT):
            assert request.transport is not None
            request.transport.abort()
        elif fault is not None:
            return web.json_response({"code": 20000 + fault}, status=fault, headers=self.headers)
        return await self.answer(asked)

    def end(self) -> None:
        """Let go of what hangs."""
        self._ending.set()


class TwilioStandIn(StandIn):
    """Twilio's messages and account: sender and recipient are checked as it documents; numbers
    that begin like `+1500555` are its own magic ones."""

    status = "active"
    """Of the account."""

    async def answer(self, asked: Asked) -> web.Response:
        """POST /2010-04-01/Accounts/{sid}/Messages.json, GET /2010-04-01/Accounts/{sid}.json."""
        wanted = base64.b64encode(f"{TWILIO_SID}:{TWILIO_TOKEN}".encode()).decode()
        if asked.headers.get("Authorization") != f"Basic {wanted}":
            return _twilio_error(401, 20003)
        if asked.path == f"/2010-04-01/Accounts/{TWILIO_SID}.json":
            return web.json_response({"sid": TWILIO_SID, "status": self.status, "type": "Full"})
        if asked.path != f"/2010-04-01/Accounts/{TWILIO_SID}/Messages.json":
            return _twilio_error(404, 20404)
        if asked.form["To"] == "+15005550001":
            return _twilio_error(400, 21211)
        made = {
            "sid": f"SM{len(self.asked):032x}", "status": "queued", "body": asked.form["Body"],
            "to": asked.form["To"], "from": asked.form.get("From"), "account_sid": TWILIO_SID,
        }  # fmt: skip
        return web.json_response(made, status=201)


def _twilio_error(status: int, code: int) -> web.Response:
    told = {"code": code, "message": "no", "more_info": "", "status": status}
    return web.json_response(told, status=status)


class WeChatStandIn(StandIn):
    """WeChat's token, subscribe messages and login codes. `codes` are the error codes of the next
    messages; `ended` tokens are refused. `logins` are the open ids of login codes, each good once;
    `login_errors` the error codes of the next exchanges."""

    def __init__(self) -> None:
        super().__init__()
        self.codes: deque[int] = deque()
        self.tokens = 0
        self.ended: set[str] = set()
        self.logins: dict[str, str] = {}
        self.login_errors: deque[int] = deque()
        self._used: set[str] = set()

    async def answer(self, asked: Asked) -> web.Response:
        """All three paths; errors come with status 200."""
        path, _, query = asked.path.partition("?")
        if path == "/sns/jscode2session":
            told = json.dumps(self._login(dict(parse_qsl(query))))
            return web.Response(text=told, content_type="text/plain")  # as WeChat says of its JSON
        if path == "/cgi-bin/stable_token":
            return web.json_response(self._token(asked.json))
        token = query.removeprefix("access_token=")
        if token in self.ended or not token:
            return web.json_response({"errcode": 42001, "errmsg": "access_token expired"})
        code = self.codes.popleft() if self.codes else 0
        return web.json_response({"errcode": code, "errmsg": "ok" if code == 0 else "no"})

    def _login(self, given: dict[str, str]) -> dict[str, Any]:
        if (given["appid"], given["secret"]) != (WECHAT_APP, WECHAT_SECRET):
            return {"errcode": 40125, "errmsg": "invalid appsecret"}
        if self.login_errors:
            return {"errcode": self.login_errors.popleft(), "errmsg": "no"}
        code = given["js_code"]
        if given["grant_type"] != "authorization_code" or code not in self.logins:
            return {"errcode": 40029, "errmsg": "invalid code"}
        if code in self._used:
            return {"errcode": 40163, "errmsg": "code been used"}
        self._used.add(code)
        return {"openid": self.logins[code], "session_key": "tiihtNczf5v6AKRyjwEUhQ=="}

    def _token(self, given: dict[str, str]) -> dict[str, Any]:
        if (given["appid"], given["secret"]) != (WECHAT_APP, WECHAT_SECRET):
            return {"errcode": 40125, "errmsg": "invalid appsecret"}
        self.tokens += 1
        return {"access_token": f"token{self.tokens}", "expires_in": TOKEN_SECONDS}

    @property
    def messages(self) -> list[Any]:
        """The bodies of the messages asked for."""
        return [each.json for each in self.asked if "subscribe" in each.path]


def certified(host: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server of this name shows, and what trusts it: a certificate signed by itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    certificate, secret = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(Encoding.PEM))
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, secret)
    return server, ssl.create_default_context(cafile=str(certificate))


@asynccontextmanager
async def served(make: Callable[[], Any], tls: ssl.SSLContext | None = None) -> AsyncIterator[Any]:
    """A stand-in on a free port of this machine."""
    made = make()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    scheme = "http" if tls is None else "https"
    made.url = f"{scheme}://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        made.end()
        await runner.cleanup()
