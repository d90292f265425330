"""Login codes of mini programs, exchanged by WeChat's HTTP API as it documents it (code2Session).

GET /sns/jscode2session?appid&secret&js_code&grant_type=authorization_code
→ {openid, session_key, unionid?}, or {errcode, errmsg}: 40029 the code is not valid, 40163 it was
used before, 40226 the user is blocked, 45011 too many requests a minute, -1 the system is busy.

`session_key` opens what WeChat seals for the user; Berth needs none of it, so it is dropped here.
"""

from typing import Any

import httpx

from parking.notices.ways.wechat import WECHAT_SECONDS_MAX, WeChatApp
from parking.notices.wechat_login import (
    CODE_CHARACTERS_MAX,
    OPEN_ID_CHARACTERS_MAX,
    WeChatBlocked,
    WeChatBusy,
    WeChatCodeRejected,
    WeChatNotConfigured,
)

BAD_CODES = frozenset({40029, 40163, 41008})
"""Not valid, used before, missing."""
BLOCKED = frozenset({40226})
OURS = frozenset({40013, 40125, 40164, 41002, 41004})
"""App id or secret is false or missing, or our address is not on the app's list: ours to mend."""


class WeChatCodes:
    """The exchange, by the mini program that also sends subscribe messages."""

    def __init__(self, app: WeChatApp) -> None:
        self._app = app
        self._http: httpx.AsyncClient | None = None

    @property
    def app_id(self) -> str:
        """The mini program."""
        return self._app.app_id

    async def open_id_of(self, code: str) -> str:
        """See `WeChatLogin`."""
        is_sound = code.isascii() and code.isprintable()
        if not is_sound or not 1 <= len(code) <= CODE_CHARACTERS_MAX:
            raise _rejected()
        answer = await self._ask(code)
        errcode = answer.get("errcode") or 0
        if errcode in BAD_CODES:
            raise _rejected()
        if errcode in BLOCKED:
            raise WeChatBlocked("WeChat does not let this user sign in; use phone or e-mail")
        if errcode in OURS:
            raise WeChatNotConfigured(
                f"WeChat refuses this platform's mini program (error {errcode}); tell who runs it"
                " to look at BERTH_WECHAT_APP_ID and BERTH_WECHAT_SECRET"
            )
        open_id = answer.get("openid")
        if errcode != 0 or not isinstance(open_id, str) or not _is_open_id(open_id):
            raise WeChatBusy("WeChat cannot say who this is now; try again in a moment")
        return open_id

    async def close(self) -> None:
        """Let go of connections."""
        if self._http is not None:
            await self._http.aclose()

    async def _ask(self, code: str) -> dict[str, Any]:
        if self._http is None:
            self._http = httpx.AsyncClient(
                base_url=self._app.api, timeout=WECHAT_SECONDS_MAX, trust_env=False
            )
        asked = {
            "appid": self._app.app_id,
            "secret": self._app.secret,
            "js_code": code,
            "grant_type": "authorization_code",
        }
        try:
            answer = await self._http.get("/sns/jscode2session", params=asked)
            # It says text/plain of its JSON.
            found = answer.raise_for_status().json()
            return dict(found)
        except (httpx.HTTPError, ValueError, TypeError):
            # Its text would show the address, and with it secret and code.
            raise WeChatBusy("WeChat gave no usable answer; try again in a moment") from None


def _is_open_id(text: str) -> bool:
    return 1 <= len(text) <= OPEN_ID_CHARACTERS_MAX and text.isascii() and text.isprintable()


def _rejected() -> WeChatCodeRejected:
    return WeChatCodeRejected(
        "WeChat does not know this login code: it is good once and for five minutes; call wx.login"
        " again"
    )
