"""Metrics: Prometheus' text format, for those who may read it."""

from collections.abc import Iterable

import httpx
import pytest
from starlette.applications import Starlette

from api.metrics import Metric, counter_metrics, exposition, metrics_route, process_metrics

TOKEN = "a token of more than thirty-two characters"


def some() -> Iterable[Metric]:
    return [Metric("cars_total", 3, "Cars.")]


async def get(token: str | None, client: str, **headers: bytes) -> httpx.Response:
    app = Starlette(routes=[metrics_route([some], token)])
    transport = httpx.ASGITransport(app, client=(client, 40000))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as asking:
        return await asking.get("/metrics", headers=headers)


def test_metrics_of_one_name_stand_together_under_one_description() -> None:
    text = exposition(
        [
            Metric("cars_total", 1, "Cars.", labels={"place": 'a "b"\\'}),
            Metric("speed", 1.5, "Speed.", "gauge"),
            Metric("cars_total", 2, "Cars.", labels={"place": "c"}),
        ]
    )
    assert text == (
        "# HELP berth_cars_total Cars.\n"
        "# TYPE berth_cars_total counter\n"
        'berth_cars_total{place="a \\"b\\"\\\\"} 1\n'
        'berth_cars_total{place="c"} 2\n'
        "# HELP berth_speed Speed.\n"
        "# TYPE berth_speed gauge\n"
        "berth_speed 1.5\n"
    )


def test_large_totals_keep_every_digit() -> None:
    labelled = Metric("cars_total", 12_345_678, "Cars.", labels={"place": "a"})
    text = exposition([Metric("bytes_total", 9_007_199_254_740_991, "Bytes."), labelled])
    assert "berth_bytes_total 9007199254740991\n" in text
    assert '{place="a"} 12345678\n' in text


def test_counters_become_metrics_and_their_kinds_labels() -> None:
    totals = {"sent": 5, "answered": {"2.04": 7}, "waiting": 3}
    found = list(counter_metrics("gateway", "Gateway", totals, gauges={"waiting"}))
    assert [(m.name, m.value, m.kind, dict(m.labels)) for m in found] == [
        ("gateway_sent_total", 5, "counter", {}),
        ("gateway_answered_total", 7.0, "counter", {"kind": "2.04"}),
        ("gateway_waiting", 3, "gauge", {}),
    ]


def test_the_process_tells_time_memory_and_files() -> None:
    names = {metric.name for metric in process_metrics()}
    assert {"cpu_seconds_total", "start_time_seconds"} <= names


@pytest.mark.parametrize(
    ("token", "client", "authorization", "status"),
    [
        (None, "127.0.0.1", "", 200),
        (None, "::1", "", 200),
        (None, "192.0.2.7", "", 404),
        (TOKEN, "192.0.2.7", f"Bearer {TOKEN}", 200),
        (TOKEN, "192.0.2.7", "Bearer other", 404),
        (TOKEN, "127.0.0.1", "", 404),
        (TOKEN, "127.0.0.1", "Bearer é", 404),
    ],
)
async def test_who_may_read_them(
    token: str | None, client: str, authorization: str, status: int
) -> None:
    headers = {"authorization": authorization.encode()} if authorization else {}
    response = await get(token, client, **headers)
    assert response.status_code == status
    assert ("berth_cars_total 3" in response.text) is (status == 200)


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "X-Real-IP"])
async def test_whoever_comes_through_a_proxy_on_this_machine_is_not_of_it(header: str) -> None:
    assert (await get(None, "127.0.0.1", **{header: b"192.0.2.7"})).status_code == 404
