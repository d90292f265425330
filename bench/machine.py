"""The machine that is measured on, and the arithmetic of turns."""

import os
import platform
import resource
import statistics
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SERVER_CORE = 0
LOAD_CORE = 1
OPEN_FILES = 20_000
"""Sockets of one process: 5,000 subscribers and some."""


def pin(core: int) -> None:
    """Keep this process, and what it starts from now on, on one core."""
    os.sched_setaffinity(0, {core % (os.cpu_count() or 1)})


def allow_many_files() -> None:
    """Raise the number of sockets that this process may have."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    soft = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def machine() -> dict[str, Any]:
    """What the figures depend on, as far as the machine tells."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "commit": _commit(),
        "load_average": load_average(),
    }


def load_average() -> list[float]:
    """Of the last 1, 5 and 15 minutes: above 0.5 before a start, something else runs here."""
    return [round(each, 2) for each in os.getloadavg()]


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    lines = told.read_text().splitlines() if told.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _commit() -> str:
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def percentile(ordered: Sequence[float], share: float) -> float:
    """Of values in ascending order; NaN of none."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


def latencies(seconds: Sequence[float]) -> dict[str, float]:
    """Median and 99th percentile in milliseconds."""
    ordered = sorted(seconds)
    return {
        "p50_ms": 1_000 * percentile(ordered, 0.5),
        "p99_ms": 1_000 * percentile(ordered, 0.99),
    }


def middle(turns: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The median of each figure of some turns; texts are taken from the first."""
    first = turns[0]
    return {key: _middle([each[key] for each in turns]) for key in first}


def _middle(values: list[Any]) -> Any:
    if isinstance(values[0], dict):
        return middle(values)
    if isinstance(values[0], bool | str) or values[0] is None:
        return values[0]
    return statistics.median(values)


def rounded(value: Any) -> Any:
    """Figures one can read."""
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    if isinstance(value, list):
        return [rounded(each) for each in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value
