"""`berth ledger`: whether the books are right, and the books themselves."""

import asyncio
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from berth.cli import run
from parking.storage.database import connect, disconnect
from tests.parking.ledger.books import ALICE, BOB, fund, move
from tests.support.running import berth, berth_json


@pytest.fixture
def books(sqlite_settings: dict[str, Any]) -> dict[str, Any]:
    """Settings of a database with two transfers."""

    async def write() -> None:
        await connect(sqlite_settings["DATABASE_URL"])
        try:
            await fund(ALICE, 100)
            await move("a", ALICE, BOB, 30)
        finally:
            await disconnect()

    asyncio.run(write())
    return sqlite_settings


def spoil(settings: dict[str, Any]) -> None:
    """Somebody edits a balance behind the platform's back."""
    with sqlite3.connect(settings["DATABASE_URL"].removeprefix("sqlite://")) as connection:
        connection.execute("UPDATE ledger_account SET balance_minor = 71 WHERE name = 'driver:1'")
    connection.close()


def test_right_books_are_one_line(books: dict[str, Any]) -> None:
    told = berth("ledger", "verify", **books).stdout
    assert told == "the books are right: 2 transfers, 3 accounts\n"


def test_wrong_books_are_told_and_status_1(books: dict[str, Any]) -> None:
    spoil(books)
    told = berth("ledger", "verify", status=1, **books).stdout
    assert "driver:1 in EUR: its row says 71, 0 held; its postings come to 70, 0 held" in told
    as_json = berth_json("ledger", "verify", status=1, **books)
    assert (as_json["transfers"], as_json["accounts"]) == (2, 3)
    assert [each["code"] for each in as_json["findings"]] == ["BALANCE"]


def test_the_books_as_csv_and_as_json_lines(books: dict[str, Any], tmp_path: Path) -> None:
    told = berth("ledger", "export", "--from", "2026-01-05", **books).stdout.splitlines()
    assert told[0].startswith("at,transfer,kind,code,subject,account,currency,amount_minor")
    assert len(told) == 1 + 4
    file = tmp_path / "books.jsonl"
    berth("ledger", "export", "--format", "jsonl", "-o", str(file), "--currency", "eur", **books)
    lines = map(json.loads, file.read_text().splitlines())
    assert [line["transfer"] for line in lines] == ["fund:driver:1", "a"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["--from", "yesterday"], "--from is 'yesterday'"), (["-o", "/none/x"], "cannot be written")],
)
def test_what_cannot_be_is_one_sentence(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["ledger", "export", *arguments]) == 2
    assert told in capsys.readouterr().err
