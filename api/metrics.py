"""`/metrics`: numbers for Prometheus, in its text exposition format 0.0.4.

The numbers are totals that the parts keep anyway; they are read when somebody asks.
"""

import hmac
import os
import resource
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
LOOPBACK = ("127.0.0.1", "::1", "")
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
PREFIX = "berth_"


@dataclass(frozen=True, slots=True)
class Metric:
    """One number with its labels. A counter only grows and its name ends in `_total`."""

    name: str
    value: float
    about: str
    kind: Literal["counter", "gauge"] = "counter"
    labels: Mapping[str, str] = field(default_factory=dict)


Source = Callable[[], Iterable[Metric]]


def metrics_route(sources: Sequence[Source], token: str | None) -> Route:
    """The route. Without a `token` only callers on this machine get an answer, others 404."""

    async def metrics(request: Request) -> Response:
        if not _may_read(request, token):
            return PlainTextResponse("Not Found", 404)
        found = [metric for source in sources for metric in source()]
        return PlainTextResponse(exposition(found), headers={"content-type": CONTENT_TYPE})

    return Route("/metrics", metrics)


def exposition(metrics: Iterable[Metric]) -> str:
    """The text: metrics of one name together, each name described once."""
    by_name: dict[str, list[Metric]] = {}
    for metric in metrics:
        by_name.setdefault(PREFIX + metric.name, []).append(metric)
    return "".join(line + "\n" for name, same in by_name.items() for line in _lines(name, same))


def _lines(name: str, same: Sequence[Metric]) -> Iterator[str]:
    yield f"# HELP {name} {_escaped(same[0].about)}"
    yield f"# TYPE {name} {same[0].kind}"
    for metric in same:
        labels = ",".join(f'{key}="{_quoted(value)}"' for key, value in metric.labels.items())
        number = int(metric.value) if metric.value == int(metric.value) else float(metric.value)
        yield f"{name}{{{labels}}} {number}" if labels else f"{name} {number}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _quoted(text: str) -> str:
    return _escaped(text).replace('"', '\\"')


def _may_read(request: Request, token: str | None) -> bool:
    if token is None:
        is_near = request.client is None or request.client.host in LOOPBACK
        # A proxy on this machine speaks for callers from anywhere.
        return is_near and not any(name in request.headers for name in FORWARDED)
    given = request.headers.get("authorization", "")
    return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())


_STARTED = time.time()


def process_metrics() -> Iterator[Metric]:
    """Time, memory and open files of this process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    yield Metric("cpu_seconds_total", usage.ru_utime + usage.ru_stime, "CPU time of this process.")
    yield Metric("start_time_seconds", _STARTED, "When this process started (Unix time).", "gauge")
    pages = _read_statm()
    if pages is not None:
        size = pages * os.sysconf("SC_PAGE_SIZE")
        yield Metric("resident_memory_bytes", size, "Memory of this process.", "gauge")
    files = Path("/proc/self/fd")
    if files.is_dir():
        count = sum(1 for _ in files.iterdir())
        yield Metric("open_files", count, "Open file descriptors of this process.", "gauge")


def _read_statm() -> int | None:
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return None


def counter_metrics(
    prefix: str, about: str, totals: Mapping[str, object], gauges: Collection[str] = ()
) -> Iterator[Metric]:
    """Totals by name: a plain number, or numbers by one label (`{"answered": {"2.04": 7}}`).

    Those in `gauges` are no totals but what is so now.
    """
    for name, value in totals.items():
        full, told = f"{prefix}_{name}_total", f"{about}: {name.replace('_', ' ')}."
        if name in gauges and isinstance(value, int | float):
            yield Metric(f"{prefix}_{name}", value, told, "gauge")
        elif isinstance(value, int | float):
            yield Metric(full, value, told)
        elif isinstance(value, Mapping):
            for label, count in value.items():
                yield Metric(full, float(count), told, labels={"kind": str(label)})
