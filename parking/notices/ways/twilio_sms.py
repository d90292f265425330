"""SMS by Twilio, through its official helper library over our own HTTP client."""

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http import AsyncHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from parking.notices.channel import NoticeNotSent, NoticeRefused
from parking.notices.records import Letter

TWILIO_API = "https://api.twilio.com"
TWILIO_SECONDS_MAX = 15.0
MESSAGE_CHARACTERS_MAX = 1_600
"""Twilio refuses a longer body (error 21617)."""
BAD_REQUEST, TOO_MANY = 400, 429
TOO_MANY_PAUSE = timedelta(seconds=60)

# It would write every message and number at DEBUG.
logging.getLogger("twilio").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class TwilioAccount:
    """Whose messages: account SID and auth token; the sender is a number (E.164), or a messaging
    service (`MG…`)."""

    sid: str
    token: str = field(repr=False)
    sender: str
    api: str = TWILIO_API


class TwilioWay:
    """SMS. Twilio's message API has no idempotency keys: a crash between sending and noting it
    sends a second SMS."""

    def __init__(self, account: TwilioAccount) -> None:
        self._account = account
        self._http = _HttpxClient()
        self._client = Client(
            account.sid,
            account.token,
            http_client=self._http,
            environment={"": ""},  # else TWILIO_EDGE and its like would be heard
        )
        self._client.api.base_url = account.api

    async def deliver(self, letter: Letter) -> str:
        """Have it sent; the message's SID. Delivery to the phone is not waited for."""
        sender = self._account.sender
        by = "messaging_service_sid" if sender.startswith("MG") else "from_"
        text = letter.body[:MESSAGE_CHARACTERS_MAX]
        try:
            made = await self._client.messages.create_async(
                to=letter.recipient, body=text, **{by: sender}
            )
        except httpx.HTTPError as error:
            raise NoticeNotSent(f"Twilio gave no answer ({type(error).__name__})") from error
        except TwilioException as error:
            raise _as_ours(error) from error
        return str(made.sid)

    async def check(self) -> str:
        """Whether the account can be used: its status, `active` when it can; nothing is sent.

        Raises `NoticeNotSent`.
        """
        try:
            found = await self._client.api.accounts(self._account.sid).fetch_async()
        except httpx.HTTPError as error:
            raise NoticeNotSent(f"Twilio gave no answer ({type(error).__name__})") from error
        except TwilioException as error:
            raise _as_ours(error) from error
        return str(found.status)

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()


def _as_ours(error: TwilioException) -> NoticeNotSent:
    """Twilio answers 400 for a message that it will never send; the rest may pass, or is for
    whoever runs the platform to correct, such as a wrong token."""
    if not isinstance(error, TwilioRestException | TwilioServiceException):
        return NoticeNotSent(f"Twilio's answer was not understood ({type(error).__name__})")
    told = f"Twilio said {error.status}, error {error.code}"
    if error.status == BAD_REQUEST:
        return NoticeRefused(f"{told} (https://www.twilio.com/docs/errors/{error.code})")
    return NoticeNotSent(told, wanted=TOO_MANY_PAUSE if error.status == TOO_MANY else None)


class _HttpxClient(AsyncHttpClient):  # type: ignore[misc]  # the library has no types
    """The library's requests by httpx: theirs keeps a session that wants a running loop first, and
    retries by itself, where the outbox does."""

    def __init__(self) -> None:
        super().__init__(logging.getLogger("twilio.http"), True, TWILIO_SECONDS_MAX)
        self._http: httpx.AsyncClient | None = None

    async def request(
        self,
        method: str,
        url: str,
        params: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """One request."""
        if self._http is None:
            self._http = httpx.AsyncClient(timeout=TWILIO_SECONDS_MAX, trust_env=False)
        answer = await self._http.request(
            method, url, params=params, data=data, headers=headers, auth=auth
        )
        return Response(answer.status_code, answer.text, answer.headers)

    async def close(self) -> None:
        """Let go of connections."""
        if self._http is not None:
            await self._http.aclose()
