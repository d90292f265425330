"""`berth wallet top-up`: money that was paid otherwise."""

from typing import Any

import pytest

from tests.support.running import berth, berth_json


def test_a_wallet_is_filled_once_a_key(seeded: dict[str, Any]) -> None:
    given = ("wallet", "top-up", "driver", "5000", "chf", "--key", "receipt 7")
    first = berth_json(*given, **seeded)
    assert berth_json(*given, **seeded) == first == {"availableMinor": 5000, "currency": "CHF"}
    told = berth("wallet", "top-up", "driver", "250", "CHF", **seeded).stdout
    assert told == "5250 minor units of CHF are in the wallet now\n"


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (("nobody@berth.example", "100", "EUR"), 1, "nobody with the address"),
        (("driver", "0", "EUR"), 2, "expected 1 to"),
        (("driver", "100", "ABC"), 2, "ISO 4217"),
    ],
)
def test_what_is_wrong_is_told(
    sqlite_seeded: dict[str, Any], arguments: tuple[str, ...], status: int, told: str
) -> None:
    done = berth("wallet", "top-up", *arguments, status=status, **sqlite_seeded)
    assert told in done.stderr
