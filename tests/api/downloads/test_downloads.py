"""Tables over HTTP: what is in them, and who gets them."""

import csv
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from io import StringIO

import httpx
import pytest
from starlette.applications import Starlette

from api.downloads import money
from api.downloads.routes import Downloads
from parking.accounts.models import Role
from parking.clock import TestClock
from parking.events.bus import InProcessBus
from parking.places.models import Space
from parking.storage.database import connect, disconnect
from schema.ids import global_id
from tests.support.bearing import bearers_of, bearing
from tests.support.settled import Settled, book_paid

DAYS = "firstDay=2026-01-01&untilDay=2026-01-08"


@dataclass
class Files:
    """What can be downloaded about one settled stay."""

    browser: httpx.AsyncClient
    settled: Settled

    @property
    def organisation(self) -> str:
        """The lessor's path."""
        return f"/csv/organisations/{global_id('Organisation', self.settled.lease.lessor_id)}"

    @property
    def place(self) -> str:
        """The place's path."""
        return f"/csv/places/{global_id('Place', self.settled.lease.estate.place_id)}"

    async def get(self, path: str, who: str) -> httpx.Response:
        """One file, as somebody."""
        return await self.browser.get(path, headers=bearing(who))

    async def rows(self, path: str, who: str) -> list[dict[str, str]]:
        """Its rows by column."""
        answer = await self.get(path, who)
        assert answer.status_code == 200, answer.text
        return list(csv.DictReader(StringIO(answer.text, newline="")))


@pytest.fixture
async def files(sqlite_url: str, clock: TestClock) -> AsyncIterator[Files]:
    """On one database: the reading has tests on both."""
    await connect(sqlite_url)
    settled = await book_paid(clock, InProcessBus())
    await Space.filter(id=settled.lease.space_id).update(number="=A1")
    await settled.stay()
    people = settled.lease.everybody
    platform = replace(people["other"], roles={999: frozenset({Role.PLATFORM})})
    bearers = bearers_of(people | {"platform": platform, "key": replace(people["owner"],
                                                                        api_key_id=1)})  # fmt: skip
    transport = httpx.ASGITransport(Starlette(routes=Downloads(bearers).routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://berth.test") as browser:
        yield Files(browser, settled)
    await disconnect()


async def test_the_drivers_wallet(files: Files) -> None:
    rows = await files.rows("/csv/wallet?currency=EUR", "driver")
    assert [(row["amount"], row["balance"]) for row in rows] == [
        ("20.00", "20.00"), ("-4.00", "16.00"),
    ]  # fmt: skip
    assert {row["currency"] for row in rows} == {"EUR"}
    assert rows[1]["subject"] == f"reservation:{files.settled.reservation_id}"
    span = "&startsAt=2026-01-05T08:00:00Z&endsAt=2026-01-05T08:00:01Z"
    assert await files.rows(f"/csv/wallet?currency=EUR{span}", "driver") == rows
    late = "&startsAt=2027-01-01T00:00:00Z"
    assert await files.rows(f"/csv/wallet?currency=EUR{late}", "driver") == []


async def test_the_lessors_statement_settlements_and_earnings(files: Files) -> None:
    [paid] = await files.rows(f"{files.organisation}/statement?currency=EUR", "owner")
    assert (paid["code"], paid["amount"]) == ("split", "3.40")
    [settled] = await files.rows(f"{files.organisation}/settlements", "owner")
    parts = ("owner", "property", "platform", "tax")
    assert [settled[name] for name in ("cost", *parts)] == ["4.00", "3.40", "0.00", "0.60", "0.00"]
    assert settled["outcome"] == "COMPLETED"
    earned = await files.rows(f"{files.organisation}/earnings?{DAYS}&by=DAY", "owner")
    assert [row["earned"] for row in earned if row["bookings"] != "0"] == ["3.40"]
    assert len(earned) == 7


async def test_the_close_of_a_day_has_no_formulas(files: Files) -> None:
    [row] = await files.rows(f"{files.place}/close?day=2026-01-05", "operator")
    assert (row["space"], row["bookings"], row["gross"], row["platform"]) == (
        "'=A1", "1", "4.00", "0.60",
    )  # fmt: skip
    assert await files.rows(f"{files.place}/close?day=2026-01-06", "operator") == []


async def test_the_platforms_totals(files: Files) -> None:
    rows = await files.rows(f"/csv/platform/totals?{DAYS}", "platform")
    assert [row["gross"] for row in rows if row["bookings"] != "0"] == ["4.00"]
    assert rows[0]["first_day"] == "2026-01-01"


async def test_a_file_has_a_name_and_is_kept_by_nobody(files: Files) -> None:
    answer = await files.get("/csv/wallet?currency=EUR", "driver")
    assert answer.headers["content-disposition"] == 'attachment; filename="wallet-EUR.csv"'
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["cache-control"] == "no-store"


SEEN_BY = {
    "organisation/statement?currency=EUR": {"owner", "platform"},
    "organisation/settlements": {"owner", "platform"},
    f"organisation/earnings?{DAYS}": {"owner", "platform"},
    "place/close?day=2026-01-05": {"operator", "platform"},
    f"/csv/platform/totals?{DAYS}": {"platform"},
}
EVERYBODY = {"driver", "other", "owner", "operator", "attendant", "platform", "key"}


@pytest.mark.parametrize("path", SEEN_BY)
async def test_to_others_it_is_missing(files: Files, path: str) -> None:
    full = path.replace("organisation/", f"{files.organisation}/")
    full = full.replace("place/", f"{files.place}/")
    seen = {who for who in EVERYBODY if (await files.get(full, who)).status_code == 200}
    others = {who for who in EVERYBODY if (await files.get(full, who)).status_code == 404}
    assert (seen, others) == (SEEN_BY[path], EVERYBODY - SEEN_BY[path])
    for headers in ({}, bearing("nobody")):
        assert (await files.browser.get(full, headers=headers)).status_code == 401


async def test_an_api_key_has_no_wallet(files: Files) -> None:
    key = await files.get("/csv/wallet?currency=EUR", "key")
    other = await files.get("/csv/wallet?currency=EUR", "other")
    assert (other.status_code, other.text) == (200, ",".join(money.STATEMENT) + "\r\n")
    assert "20.00" not in key.text


@pytest.mark.parametrize(
    "path",
    [
        "/csv/wallet", "/csv/wallet?currency=euro", "/csv/wallet?currency=EUR&startsAt=monday",
        "/csv/wallet?currency=EUR&startsAt=2026-01-05T08:00:00",
        "/csv/wallet?currency=EUR&startsAt=0001-01-01T00:00:00%2B14:00",
        "/csv/wallet?currency=EUR&startsAt=2026-01-06T00:00:00Z&endsAt=2026-01-05T00:00:00Z",
        "organisation/earnings?firstDay=2026-01-08&untilDay=2026-01-01",
        f"organisation/earnings?{DAYS}&by=YEAR", f"organisation/earnings?{DAYS}&timeZone=Mars/One",
        "organisation/statement?currency=EUR&account=TAX", "organisation/earnings?firstDay=today",
    ],
)  # fmt: skip
async def test_nonsense_is_told(files: Files, path: str) -> None:
    answer = await files.get(path.replace("organisation/", f"{files.organisation}/"), "owner")
    assert (answer.status_code, len(answer.text) > 10) == (400, True)


async def test_an_id_of_something_else_finds_nothing(files: Files) -> None:
    wrong = global_id("Place", files.settled.lease.lessor_id)
    for name in (wrong, "nonsense", "1"):
        path = f"/csv/organisations/{name}/settlements"
        assert (await files.get(path, "owner")).status_code == 404
