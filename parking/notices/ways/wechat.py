"""WeChat subscribe messages, by the HTTP API of mini programs as WeChat documents it.

- Access token: POST /cgi-bin/stable_token {grant_type, appid, secret} → {access_token, expires_in};
  the same token while it lives, so that several workers do not end each other's.
- Message: POST /cgi-bin/message/subscribe/send?access_token=… {touser, template_id, data, lang}
  → {errcode, errmsg}. It has no idempotency keys.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx

from parking.clock import Clock
from parking.notices.channel import NoticeNotSent, NoticeRefused
from parking.notices.kinds import NoticeTopic
from parking.notices.records import Letter

WECHAT_API = "https://api.weixin.qq.com"
WECHAT_SECONDS_MAX = 10.0
TOKEN_MARGIN = timedelta(minutes=5)
"""A token is renewed so long before it ends: WeChat gives two hours, and a new one from five
minutes before on."""
THING_CHARACTERS_MAX = 20
"""WeChat refuses longer values of the kind `thing` (error 47003)."""

_LANGUAGES = {"en": "en_US", "zh": "zh_CN"}

TOKEN_ERRORS = frozenset({40001, 40014, 42001})
"""The access token is false or has ended: a fresh one may help."""
PASSING_ERRORS = frozenset({-1, 40164, 45009, 45011, 45047, 50002})
"""System busy, our address not on its list, quotas, account blocked: may pass, or is corrected."""
REASONS = {
    40003: "the open id is not one of this app",
    40037: "the template id is wrong; set BERTH_WECHAT_TEMPLATES to one of the app's templates",
    41030: "the page does not exist in the mini program",
    43101: "the person has not subscribed to this kind of message, or has refused it",
    43107: "the app may not send subscribe messages",
    47003: "the values do not fit the template's fields; correct BERTH_WECHAT_TEMPLATES",
}


@dataclass(frozen=True, slots=True)
class WeChatTemplate:
    """A template of the app: its id, and which of its fields (`thing1`) shows which of ours."""

    id: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class WeChatApp:
    """The mini program that sends; topics without a template cannot be told by it."""

    app_id: str
    secret: str = field(repr=False)
    templates: Mapping[NoticeTopic, WeChatTemplate]
    api: str = WECHAT_API


class WeChatWay:
    """Subscribe messages."""

    def __init__(self, app: WeChatApp, clock: Clock) -> None:
        self._app = app
        self._clock = clock
        self._http: httpx.AsyncClient | None = None
        self._token = ""
        self._renew_at: datetime | None = None
        self._renewing = asyncio.Lock()

    async def deliver(self, letter: Letter) -> str:
        """Have it sent; WeChat gives no reference."""
        template = self._app.templates.get(letter.topic)
        if template is None:
            raise NoticeRefused(f"BERTH_WECHAT_TEMPLATES has no template for {letter.topic}")
        message = message_of(letter, template)
        token = await self._access_token()
        answer = await self._send(message, token)
        if answer["errcode"] in TOKEN_ERRORS:
            self._forget(token)
            answer = await self._send(message, await self._access_token())
        _require_sent(answer)
        return str(answer.get("msgid", ""))

    async def check(self) -> None:
        """Whether an access token is given; nothing is sent. Raises `NoticeNotSent`."""
        await self._access_token()

    async def close(self) -> None:
        """Let go of connections."""
        if self._http is not None:
            await self._http.aclose()

    async def _send(self, message: dict[str, Any], token: str) -> dict[str, Any]:
        path = "/cgi-bin/message/subscribe/send"
        return await self._ask(path, message, {"access_token": token})

    async def _access_token(self) -> str:
        async with self._renewing:  # many letters at once ask for one token
            if self._renew_at is None or self._clock.now() >= self._renew_at:
                await self._renew()
            return self._token

    async def _renew(self) -> None:
        asked = {
            "grant_type": "client_credential",
            "appid": self._app.app_id,
            "secret": self._app.secret,
        }
        answer = await self._ask("/cgi-bin/stable_token", asked, {})
        if "access_token" not in answer:
            # A false secret is ours to correct: what waits is sent afterwards.
            raise NoticeNotSent(f"WeChat gave no access token: error {answer['errcode']}")
        life = timedelta(seconds=int(answer["expires_in"]))
        self._token = str(answer["access_token"])
        self._renew_at = self._clock.now() + max(life - TOKEN_MARGIN, life / 2)

    def _forget(self, token: str) -> None:
        if self._token == token:  # else another letter has had it renewed by now
            self._renew_at = None

    async def _ask(
        self, path: str, content: dict[str, Any], params: dict[str, str]
    ) -> dict[str, Any]:
        if self._http is None:
            self._http = httpx.AsyncClient(
                base_url=self._app.api, timeout=WECHAT_SECONDS_MAX, trust_env=False
            )
        try:
            answer = await self._http.post(path, json=content, params=params)
            found = answer.raise_for_status().json()
            return {"errcode": 0, **found}
        except (httpx.HTTPError, ValueError, TypeError) as error:
            # Its text would show the address, and with it the token.
            raise NoticeNotSent(f"WeChat gave no usable answer ({type(error).__name__})") from None


def message_of(letter: Letter, template: WeChatTemplate) -> dict[str, Any]:
    """The body of a request. Raises `NoticeRefused` when the notice has not what is shown."""
    fields = json.loads(letter.body)
    missing = sorted(set(template.fields.values()) - fields.keys())
    if missing:
        raise NoticeRefused(
            f"BERTH_WECHAT_TEMPLATES shows {', '.join(missing)}, which {letter.topic} has not"
        )
    data = {
        theirs: {"value": _fitting(theirs, fields[ours])}
        for theirs, ours in template.fields.items()
    }
    return {
        "touser": letter.recipient,
        "template_id": template.id,
        "data": data,
        "lang": _LANGUAGES.get(letter.locale, "en_US"),
    }


def _fitting(name: str, value: str) -> str:
    if name.startswith("thing") and len(value) > THING_CHARACTERS_MAX:
        return value[: THING_CHARACTERS_MAX - 1] + "…"
    return value


def _require_sent(answer: dict[str, Any]) -> None:
    code = int(answer["errcode"])
    if code == 0:
        return
    if code in PASSING_ERRORS or code in TOKEN_ERRORS:
        raise NoticeNotSent(f"WeChat said error {code}")
    raise NoticeRefused(f"WeChat said error {code}: {REASONS.get(code, 'see its documentation')}")
