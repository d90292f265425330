"""Webhooks over HTTP: signed, to checked addresses, without redirects, answers not read."""

import asyncio
import ssl
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from parking.clock import Clock
from parking.notices.channel import NoticeNotSent, NoticePostponed, NoticeRefused
from parking.notices.kinds import EndpointState
from parking.notices.limits import POSTPONED, WEBHOOK_SECONDS_MAX
from parking.notices.records import Letter
from parking.notices.webhooks.endpoints import (
    Endpoint,
    Sealing,
    endpoint_by_id,
    secrets_of,
    set_state,
)
from parking.notices.webhooks.places import Resolve, address_for, resolve
from parking.notices.webhooks.signing import message_id, signed_headers
from parking.storage.sql import database

GONE = 410
PORTS = {"https": 443, "http": 80}
USER_AGENT = "Berth-Webhooks/1"


class WebhookWay:
    """Sends events to endpoints. A receiver knows a repetition by its `webhook-id`.

    Each attempt has a connection of its own, so none is kept to an address that was checked long
    ago.
    """

    def __init__(
        self,
        sealing: Sealing,
        clock: Clock,
        *,
        is_development: bool,
        look_up: Resolve = resolve,
        tls: ssl.SSLContext | None = None,
        seconds_max: float = WEBHOOK_SECONDS_MAX,
    ) -> None:
        self._sealing = sealing
        self._clock = clock
        self._is_development = is_development
        self._look_up = look_up
        self._tls = tls
        self._seconds_max = seconds_max

    async def deliver(self, letter: Letter) -> str:
        """Post it to the endpoint as that is now."""
        endpoint = await endpoint_by_id(database(), letter.webhook_id or 0)
        if endpoint is None:
            raise NoticeRefused("the endpoint was deleted")
        if endpoint.state is EndpointState.PAUSED:
            raise NoticePostponed("the endpoint is paused", wanted=POSTPONED)
        try:
            async with asyncio.timeout(self._seconds_max):
                status, wanted = await self._post(letter, endpoint)
        except TimeoutError as error:
            raise NoticeNotSent("the endpoint did not answer in time") from error
        except httpx.InvalidURL as error:
            raise NoticeRefused("the endpoint's URL cannot be used") from error
        except httpx.HTTPError as error:
            raise NoticeNotSent(f"the endpoint gave no answer ({type(error).__name__})") from error
        await self._judge(endpoint, status, wanted)
        return f"HTTP {status}"

    async def close(self) -> None:
        """Nothing is open."""

    async def _post(self, letter: Letter, endpoint: Endpoint) -> tuple[int, timedelta | None]:
        """The status, and how long the endpoint asks us to wait."""
        url, now, body = httpx.URL(endpoint.url), self._clock.now(), letter.body.encode()
        host = url.raw_host.decode()
        address = await address_for(
            host,
            url.port or PORTS[url.scheme],
            self._look_up,
            is_development=self._is_development,
        )
        secrets = secrets_of(endpoint, self._sealing, now)
        headers = {
            "host": url.netloc.decode(),
            "content-type": "application/json",
            "user-agent": USER_AGENT,
            **signed_headers(message_id(letter.id, letter.created_at), now, body, secrets),
        }
        # The connection goes to the checked address; the certificate is still that of the name.
        async with (
            httpx.AsyncClient(
                verify=self._trusted(url.scheme),
                timeout=self._seconds_max,
                trust_env=False,
                follow_redirects=False,
            ) as client,
            client.stream(
                "POST",
                url.copy_with(host=address),
                content=body,
                headers=headers,
                extensions={"sni_hostname": host},
            ) as answer,
        ):
            # What it says is not read: nobody may see by us what an inner server tells.
            return answer.status_code, _retry_after(answer.headers.get("retry-after"), now)

    def _trusted(self, scheme: str) -> ssl.SSLContext | bool:
        """Loading all certificates takes long, so it is done once, and only for https."""
        if scheme != "https":
            return False
        if self._tls is None:
            self._tls = httpx.create_ssl_context(trust_env=False)
        return self._tls

    async def _judge(self, endpoint: Endpoint, status: int, wanted: timedelta | None) -> None:
        if 200 <= status < 300:
            return
        if status == GONE:
            reason = "it answered 410 Gone"
            await set_state(
                database(), endpoint.id, EndpointState.PAUSED, self._clock.now(), reason=reason
            )
            raise NoticeRefused("the endpoint answered HTTP 410 and is paused now")
        raise NoticeNotSent(f"the endpoint answered HTTP {status}", wanted=wanted)


def _retry_after(text: str | None, now: datetime) -> timedelta | None:
    """Seconds or a date (RFC 9110 section 10.2.3); None for anything else."""
    if text is None:
        return None
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), 86_400))
    try:
        pause = parsedate_to_datetime(text) - now
    except (TypeError, ValueError):  # a naive date, too
        return None
    return max(pause, timedelta(0))
