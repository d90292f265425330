"""The proof: a recorded month of a real garage goes through the platform without a difference.

`make prove` replays it on SQLite with everything in one process, then on PostgreSQL and Redis with
two API processes, two gateways and a worker; each once over a good link and once over a bad one.
Then the month is booked first: each declared period by a driver of its own, on either database, the
second time with a platform that is killed again and again; and on PostgreSQL and Redis with API,
gateway and worker as processes of their own, one of which is killed each time. All of it is paid
for from wallets, and every booking is settled; some days of it are paid by card besides, through a
rail that fails again and again, and some of these once more while the processes are killed too.
Then a million random transfers go through the ledger, each beside a model, and the books are
rebuilt from their postings; and merchants send a thousand orders, while API and worker are killed.
The servers are private ones that it starts itself. Exit status 1 if anything differs.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.books import TRANSFERS, prove_books  # noqa: E402
from bench.cards import CARD_KILLS, KILLED_VISITS, VISITS, prove_cards  # noqa: E402
from bench.orders import ORDERS, prove_orders  # noqa: E402
from tests.support.databases import PostgresDatabases  # noqa: E402
from tests.support.platforms import Platform, embedded, spread  # noqa: E402
from tests.support.running import SECRET, environment  # noqa: E402
from tests.support.servers import PostgresServer, RedisServer, ServerMissing  # noqa: E402

DATA = Path(os.environ.get("BERTH_SHARED_DATA") or ROOT.parent / "shared" / "data")
TRACE = "acn_sessions/caltech_2019-09-01_2019-12-31.csv.gz"
MONTH = "2019-10"
KILLS = ("--kills", "20", "--seed", "1")
KILLS_APART = ("--kills", "30", "--seed", "1")
ABOUT_APART = "PostgreSQL and Redis, API, gateway and worker apart"
BAD_LINK = ("--loss", "0.05", "--duplicate", "0.05", "--reorder", "0.05", "--seed", "1")


@dataclass(frozen=True)
class Usage:
    """What the platform's processes used: seconds of CPU, and resident bytes at the end."""

    cpu_seconds: float
    resident_bytes: int


def main() -> int:
    """Run both set-ups; 0 if nothing differs."""
    asked = _asked()
    if asked.only_orders:
        return _summed_up(list(_orders(asked)))
    trace = asked.trace or DATA / TRACE
    if not trace.exists():
        print(
            f"The recorded month is not here: {trace}. Put the data beside the checkout "
            "(../shared/data), or name its folder with BERTH_SHARED_DATA.",
            file=sys.stderr,
        )
        return 1
    outcomes: list[int] = []
    if not asked.cards:
        outcomes.extend(_recorded(trace, asked))
        outcomes.extend(_booked_first(trace, asked))
    outcomes.extend(_cards(trace, asked))
    if asked.transfers and not asked.cards:
        print(f"\n== SQLite, {asked.transfers} random transfers", flush=True)
        with _folder() as folder:
            outcomes.append(prove_books(folder, asked.transfers))
    if not asked.cards:
        outcomes.extend(_orders(asked))
    return _summed_up(outcomes)


def _summed_up(outcomes: list[int]) -> int:
    failed = sum(1 for each in outcomes if each != 0)
    done = len(outcomes)
    print(f"\n{done - failed} of {done} proofs without a difference.", flush=True)
    return 1 if failed or not done else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make prove", description=__doc__)
    parser.add_argument("--trace", type=Path, help=f"another trace than {TRACE}")
    parser.add_argument("--month", default=MONTH, help=f"another month than {MONTH}")
    parser.add_argument("--whole", action="store_true", help="all that the trace holds")
    parser.add_argument("--cards", action="store_true", help="only what is paid by card")
    parser.add_argument("--only", choices=("sqlite", "postgresql"), help="one set-up only")
    parser.add_argument(
        "--transfers", type=int, default=TRANSFERS, help=f"instead of {TRANSFERS}; 0 for none"
    )
    parser.add_argument(
        "--card-visits", type=int, default=VISITS, help=f"instead of {VISITS}; 0 for none"
    )
    parser.add_argument(
        "--killed-card-visits", type=int, default=KILLED_VISITS,
        help=f"those while processes are killed: instead of {KILLED_VISITS}; 0 for none",
    )  # fmt: skip
    parser.add_argument(
        "--card-kills", type=int, default=CARD_KILLS, help=f"meanwhile: instead of {CARD_KILLS}"
    )
    parser.add_argument(
        "--orders", type=int, default=ORDERS,
        help=f"of merchants: instead of {ORDERS}, at least 200; 0 for none",
    )  # fmt: skip
    parser.add_argument("--only-orders", action="store_true", help="only what merchants order")
    return parser.parse_args()


def _window(asked: argparse.Namespace) -> list[str]:
    return [] if asked.whole else ["--month", asked.month]


def _recorded(trace: Path, asked: argparse.Namespace) -> Iterator[int]:
    """What the devices report, as it was recorded; each one's exit status."""
    for about, platform in _platforms(asked.only):
        for link, faults in (("a good link", ()), ("a bad link", BAD_LINK)):
            print(f"\n== {about}, over {link}", flush=True)
            yield _replay(platform, [str(trace), *_window(asked), "--fresh", *faults])


def _booked_first(trace: Path, asked: argparse.Namespace) -> Iterator[int]:
    """The same, booked and paid for from wallets; each one's exit status."""
    given = [str(trace), *_window(asked)]
    for kills, how in (((), ""), (KILLS, ", killed meanwhile")):
        for about, settings in _stores(asked.only):
            print(f"\n== {about}, booked first{how}", flush=True)
            yield _booked(settings, [*given, *kills])
    if asked.only != "sqlite":
        with _postgres() as settings, RedisServer() as redis:
            print(f"\n== {ABOUT_APART}, booked first, each of them killed meanwhile", flush=True)
            settings["REDIS_URL"] = redis.url
            yield _booked(settings, [*given, *KILLS_APART])


def _platforms(only: str | None) -> Iterator[tuple[str, Platform]]:
    if only != "postgresql":
        with _folder() as folder, embedded(folder) as platform:
            yield "SQLite, everything in one process", platform
    if only != "sqlite":
        with _folder() as folder, _spread(folder) as platform:
            about = "PostgreSQL and Redis, two API processes, two gateways and a worker"
            yield about, platform


@contextmanager
def _spread(folder: Path) -> Iterator[Platform]:
    with (
        PostgresServer() as postgres,
        RedisServer() as redis,
        PostgresDatabases(postgres).fresh() as url,
        spread(url, redis.url, folder) as platform,
    ):
        yield platform


def _stores(only: str | None) -> Iterator[tuple[str, dict[str, str]]]:
    """Settings of an empty database of each kind; a booked replay starts its own platform."""
    if only != "postgresql":
        with _folder() as folder:
            yield "SQLite", {"DATA_DIR": str(folder)}
    if only != "sqlite":
        with _postgres() as settings:
            yield "PostgreSQL", settings


def _cards(trace: Path, asked: argparse.Namespace) -> Iterator[int]:
    """Paid by card, where the rail fails, and then with `kill -9` too; each one's exit status."""
    visits, killed, kills = asked.card_visits, asked.killed_card_visits, asked.card_kills
    if visits and asked.only != "postgresql":
        print(f"\n== SQLite, {visits} visits paid by card, the rail fails", flush=True)
        yield prove_cards(trace, asked.month, visits)
    how = f"{killed} visits paid by card, the rail fails, {kills} times kill -9"
    if killed and asked.only != "postgresql":
        print(f"\n== SQLite, one process, {how}", flush=True)
        yield prove_cards(trace, asked.month, killed, kills=kills)
    if killed and asked.only != "sqlite":
        with _postgres() as settings, RedisServer() as redis:
            print(f"\n== {ABOUT_APART}, {how}", flush=True)
            apart = {"database": settings["DATABASE_URL"], "redis": redis.url}
            yield prove_cards(trace, asked.month, killed, kills=kills, **apart)


def _orders(asked: argparse.Namespace) -> Iterator[int]:
    """Orders of merchants on either database, while API and worker are killed; each exit status."""
    how = f"{asked.orders} orders of a merchant, API and worker apart and killed meanwhile"
    if asked.orders and asked.only != "postgresql":
        print(f"\n== SQLite, {how}", flush=True)
        with _folder() as folder:
            yield prove_orders(f"sqlite://{folder / 'orders.db'}", asked.orders)
    if asked.orders and asked.only != "sqlite":
        print(f"\n== PostgreSQL, {how}", flush=True)
        with _postgres() as settings:
            yield prove_orders(settings["DATABASE_URL"], asked.orders)


@contextmanager
def _postgres() -> Iterator[dict[str, str]]:
    """Settings of an empty PostgreSQL database."""
    with (
        _folder() as folder,
        PostgresServer() as postgres,
        PostgresDatabases(postgres).fresh() as url,
    ):
        yield {"DATA_DIR": str(folder), "DATABASE_URL": url, "SECRET_KEY": SECRET}


def _booked(settings: dict[str, str], arguments: list[str]) -> int:
    """Run `berth replay --booked` as anybody would; its exit status."""
    words = ["replay", *arguments, "--booked"]
    print(f"$ berth replay {Path(arguments[0]).name} {' '.join(words[2:])}", flush=True)
    began = time.monotonic()
    status = subprocess.run(
        [sys.executable, "-m", "berth", *words], env=environment(**settings), check=False
    ).returncode
    print(f"{time.monotonic() - began:.1f} s in all", flush=True)
    return status


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="berth-prove-") as folder:
        yield Path(folder)


def _replay(platform: Platform, arguments: list[str]) -> int:
    """Run `berth replay` as anybody would, and say what it took; its exit status."""
    command = ["replay", *arguments, *platform.arguments()]
    shown = ["berth", "replay", Path(arguments[0]).name, *arguments[1:], *platform.arguments()]
    print(f"$ {' '.join(shown)}", flush=True)
    before, began = _usage(platform), time.monotonic()
    status = subprocess.run(
        [sys.executable, "-m", "berth", *command],
        env=environment(**platform.settings),
        check=False,
    ).returncode
    took, after = time.monotonic() - began, _usage(platform)
    print(
        f"{took:.1f} s in all; the platform used {after.cpu_seconds - before.cpu_seconds:.1f} s of "
        f"CPU and holds {after.resident_bytes / 1e6:.0f} MB in {len(platform.parts)} process(es)",
        flush=True,
    )
    return status


def _usage(platform: Platform) -> Usage:
    cpu, resident = 0.0, 0
    for part in platform.parts.values():
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(part.program.process.pid)
            times = process.cpu_times()
            cpu += times.user + times.system
            resident += process.memory_info().rss
    return Usage(cpu, resident)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ServerMissing as missing:
        print(missing, file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
