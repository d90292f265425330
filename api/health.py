"""`/healthz`: the process lives. `/readyz`: it can do its work; each part says how it is."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

log = logging.getLogger(__name__)

PROBE_SECONDS_MAX = 2.0
"""A part that does not answer within this is held to be down."""

NO_STORE = {"cache-control": "no-store"}

Probe = Callable[[], Awaitable[str]]
"""Gives a word or two about a part that is well; raises when it is not."""


@dataclass(frozen=True, slots=True)
class Check:
    """A part to look at. Without one that is not `is_required` work goes on, more slowly."""

    name: str
    probe: Probe
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """How a part is; `about` is for operators and holds no secret."""

    name: str
    is_well: bool
    is_required: bool
    about: str


def health_routes(checks: Sequence[Check]) -> list[Route]:
    """The routes of both."""

    async def ready(_: Request) -> Response:
        findings = await examine(checks)
        is_ready = all(f.is_well for f in findings if f.is_required)
        body = {
            "ready": is_ready,
            "checks": {f.name: {"ok": f.is_well, "about": f.about} for f in findings},
        }
        return JSONResponse(body, 200 if is_ready else 503, headers=NO_STORE)

    return [Route("/healthz", _alive), Route("/readyz", ready)]


async def examine(checks: Sequence[Check]) -> list[Finding]:
    """Look at all parts at once."""
    return list(await asyncio.gather(*(_examined(check) for check in checks)))


async def _alive(_: Request) -> Response:
    return PlainTextResponse("ok\n", headers=NO_STORE)


async def _examined(check: Check) -> Finding:
    try:
        async with asyncio.timeout(PROBE_SECONDS_MAX):
            about = await check.probe()
    except TimeoutError:
        return _unwell(check, f"no answer within {PROBE_SECONDS_MAX:g} s")
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a part, it is not well
        log.warning("readiness: %s: %s", check.name, error)
        return _unwell(check, type(error).__name__)
    return Finding(check.name, is_well=True, is_required=check.is_required, about=about)


def _unwell(check: Check, about: str) -> Finding:
    return Finding(check.name, is_well=False, is_required=check.is_required, about=about)
