"""Health: alive is not ready; what is not required may be away."""

import asyncio
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from api.health import Check, health_routes


async def well() -> str:
    return "fine"


async def away() -> str:
    raise ConnectionError("nobody there, password hush")


async def get(path: str, *checks: Check) -> httpx.Response:
    app = Starlette(routes=health_routes(checks))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get(path)


async def test_a_process_that_lives_says_so_whatever_else_is_wrong() -> None:
    response = await get("/healthz", Check("database", away))
    assert (response.status_code, response.text) == (200, "ok\n")


@pytest.mark.parametrize(
    ("checks", "status"),
    [
        ([Check("database", well)], 200),
        ([Check("database", well), Check("bus", away, is_required=False)], 200),
        ([Check("database", away), Check("bus", well, is_required=False)], 503),
    ],
)
async def test_it_is_ready_when_what_is_required_is_well(checks: list[Check], status: int) -> None:
    response = await get("/readyz", *checks)
    assert response.status_code == status
    assert response.json()["ready"] is (status == 200)


async def test_each_part_says_how_it_is_without_its_secrets() -> None:
    body: Any = (await get("/readyz", Check("database", well), Check("bus", away))).json()
    assert body["checks"] == {
        "database": {"ok": True, "about": "fine"},
        "bus": {"ok": False, "about": "ConnectionError"},
    }


async def test_a_part_that_never_answers_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.health.PROBE_SECONDS_MAX", 0.01)
    response = await get("/readyz", Check("database", lambda: asyncio.sleep(60, "late")))
    assert response.status_code == 503
    assert "no answer" in response.text


async def test_nothing_of_it_is_ever_kept_by_a_cache() -> None:
    assert (await get("/readyz")).headers["cache-control"] == "no-store"
