"""What a booking's page shows, from the schema's answer."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from api.agreements.words import TEXTS as AGREEMENT_TEXTS
from api.pages.booking_texts import TEXTS
from api.pages.booking_view import view_of, wanted_end
from api.pages.plan import plan_of
from api.receipts.words import TEXTS as RECEIPT_TEXTS
from parking.access.check import Outcome
from parking.reservations.models import ReservationState

STARTS = datetime(2026, 1, 5, 8, tzinfo=UTC)
NOW = STARTS + timedelta(minutes=5)


def at(hours: float) -> str:
    return (STARTS + timedelta(hours=hours)).isoformat()


def bay(number: str, x: float, *, is_yours: bool = False) -> dict[str, Any]:
    plan = {
        "xMetres": x, "yMetres": 0.0, "widthMetres": 2.5, "lengthMetres": 5.0,
        "rotationDegrees": 0.0,
    }  # fmt: skip
    return {"number": number, "isYours": is_yours, "plan": plan}


def booking(**changes: Any) -> dict[str, Any]:
    return {
        "state": "CONFIRMED", "startsAt": at(0), "endsAt": at(3), "holdUntil": None,
        "price": {"amountMinor": 1250, "currency": "EUR"}, "refund": None,
        "lines": [
            {
                "kind": "RATE", "lineId": "h", "name": "Hour", "startsAt": at(0), "endsAt": at(3),
                "quantity": 3, "unit": "PT1H", "percent": None, "amountMinor": 1250,
            }
        ],
        "place": {
            "name": "Hof (hinten)", "timeZone": "Europe/Berlin",
            "position": {"latitude": 48.7718, "longitude": 9.1689},
        },
        "space": {"number": "A04", "level": "", "lock": "RAISED"},
        "bays": [bay("A04", 0, is_yours=True), bay("A05", 3)],
        "mayExtend": True, "mayConfirm": False, "hasReader": True, "isOpen": False,
        "opensAt": at(-0.25), "accesses": [],
        "session": None, "money": None, "receipts": [], "order": None, **changes,
    }  # fmt: skip


@pytest.mark.parametrize("texts", [TEXTS, AGREEMENT_TEXTS, RECEIPT_TEXTS])
def test_both_languages_say_the_same(texts: dict[str, dict[str, str]]) -> None:
    english, chinese = texts["en"], texts["zh"]
    assert english.keys() == chinese.keys()
    for key, text in english.items():
        wanted = set(re.findall(r"\{(\w+)\}", text))
        assert set(re.findall(r"\{(\w+)\}", chinese[key])) == wanted, key


@pytest.mark.parametrize("state", ReservationState)
def test_every_state_has_words(state: ReservationState) -> None:
    for language in ("en", "zh"):
        assert view_of(booking(state=state.value), None, language, NOW).says


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_at_the_reader_has_words_in_both_languages(outcome: Outcome) -> None:
    for language in ("en", "zh"):
        assert f"access_{outcome.value}" in TEXTS[language]


def test_an_access_is_told_in_words() -> None:
    shown = {"at": at(0), "kind": "QR_CODE", "outcome": "WRONG_SPACE", "isOffline": True}
    [(when, told, is_granted)] = view_of(booking(accesses=[shown]), None, "en", NOW).accesses
    assert (when, is_granted) == ("Mon 5 Jan 2026 09:00", False)
    assert told == "Refused: this is another bay. Yours is A04. (reader was offline)"


def test_a_code_that_is_not_due_yet_is_announced() -> None:
    early = view_of(booking(), None, "en", STARTS - timedelta(hours=1))
    assert early.qr_later.startswith("The QR code appears here at Mon 5 Jan 2026 08:45, 15 min")
    assert view_of(booking(hasReader=False), None, "en", STARTS - timedelta(hours=1)).qr_later == ""


def test_a_code_is_a_picture_with_its_seconds() -> None:
    qr = {"svg": "<svg/>", "expiresAt": (NOW + timedelta(seconds=42)).isoformat()}
    view = view_of(booking(), qr, "en", NOW)
    assert view.qr_image == "data:image/svg+xml;base64,PHN2Zy8+"
    assert view.qr_seconds == 42


def test_extensions_are_counted_from_the_end_or_from_now() -> None:
    def ends(now: datetime) -> list[str]:
        return [each.ends_at for each in view_of(booking(), None, "en", now).choices]

    assert ends(NOW) == [at(3.5), at(4), at(5)]
    late = STARTS + timedelta(hours=3, minutes=7, seconds=20)
    assert ends(late) == [at(3 + 10 / 60 + added) for added in (0.5, 1, 2)]


def test_the_way_there_opens_the_telephones_own_navigation() -> None:
    english = view_of(booking(), None, "en", NOW).links
    assert english["navigate"] == (
        "geo:48.771800,9.168900?q=48.771800,9.168900(Hof%20%28hinten%29)"
    )
    assert english["map"].startswith("https://www.openstreetmap.org/?mlat=48.7718")
    assert "uri.amap.com" in view_of(booking(), None, "zh", NOW).links["map"]


def test_a_place_without_a_position_has_no_links() -> None:
    nowhere = booking()["place"] | {"position": None}
    assert view_of(booking(place=nowhere), None, "en", NOW).links == {}


def test_overstaying_is_said_first() -> None:
    session: dict[str, Any] = {
        "startedAt": at(0), "endedAt": None, "overstaySince": at(3), "price": None, "lines": [],
    }  # fmt: skip
    view = view_of(booking(state="ACTIVE", session=session), None, "en", NOW)
    assert view.is_over_time
    assert view.says == "Your time is over since Mon 5 Jan 2026 12:00. Please leave or extend."


def test_a_typed_end_is_the_places_time_and_the_later_one_when_clocks_go_back() -> None:
    zone = ZoneInfo("Europe/Berlin")
    assert wanted_end("2026-01-05T12:30", zone).astimezone(UTC).hour == 11
    assert wanted_end("2026-10-25T02:30", zone).astimezone(UTC).hour == 1
    assert wanted_end("2026-01-05T12:30:00+00:00", zone).hour == 12
    with pytest.raises(ValueError):
        wanted_end("soon", zone)


def test_the_plan_marks_the_own_bay_and_holds_all() -> None:
    plan = plan_of(booking()["bays"])
    assert plan is not None
    assert [each.is_marked for each in plan.bays] == [False, True]
    left, top, width, height = map(float, plan.view_box.split())
    assert left < -1.25
    assert top < -2.5
    assert left + width > 3 + 1.25
    assert top + height > 2.5


def test_without_the_own_bay_there_is_no_plan() -> None:
    assert plan_of([bay("A05", 3)]) is None
