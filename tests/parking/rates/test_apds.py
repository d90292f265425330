"""The worked examples of APDS, those that are consistent in themselves, to the cent."""

import json
from datetime import timedelta
from typing import Any

import pytest

from parking.rates.durations import duration_text
from parking.rates.lines import LineKind
from parking.rates.tariff import Tariff
from parking.windows import Window
from tests.parking.rates.tables import collection, cost, each, flat, proved, stay, tariff, tiers
from tests.support.shared_data import shared_data

DAY = "2026-03-02"


@pytest.fixture(scope="module")
def examples() -> dict[str, Any]:
    text = shared_data("apds/worked_examples_oracle.json").read_text()
    return {example["id"]: example for example in json.loads(text)}


def minor(amount: float) -> int:
    return round(amount * 100)


def reservation_tariff(example: dict[str, Any]) -> Tariff:
    """C.1.3.4: a flat fee and tiers whose printed ends are the last second of them."""
    fee, table = example["rate"]["collections"]
    steps = [
        (duration_text(timedelta(seconds=last + 1)), minor(amount))
        for _, last, amount in table["flatRateTier"]
    ]
    return tariff(
        collection(flat(minor(fee["flatRate"])), id="reservation", adds=True),
        collection(*tiers(*steps)),
    )


def test_c134_a_reservation_fee_and_tiers(examples: dict[str, Any]) -> None:
    example = examples["APDS-C1342"]
    table = reservation_tariff(example)
    for case in example["cases"]:
        minutes = case.get("planned_minutes") or case["stay_minutes"]
        starts = stay(f"{DAY} {case.get('entry', '10:00')}", "23:59").starts_at
        window = Window(starts, starts + timedelta(minutes=minutes))
        assert proved(table, window).amount_minor == minor(case["expect"]), case["note"]


def test_c152_a_reservation_and_its_overstay(examples: dict[str, Any]) -> None:
    booked, over = examples["APDS-C152"]["segments"]
    table = tariff(
        collection(flat(1000), id="reserved", until="PT4H"), collection(each(200, "PT1H"))
    )
    reserved = proved(table, stay(f"{DAY} 10:00", "14:00")).amount_minor
    whole = proved(table, stay(f"{DAY} 10:00", over["end"])).amount_minor
    assert reserved == minor(booked["fee"])
    assert whole - reserved == minor(over["fee"])
    assert whole == minor(examples["APDS-C152"]["expect_total"])


def test_c17_segments_of_two_rates(examples: dict[str, Any]) -> None:
    """Reserved until 17:30 at 1.50 for the first hour, then 1.00, fee 2.00; 1.25 after it."""
    table = tariff(
        collection(flat(200), id="fee", adds=True),
        collection(each(150, "PT1H", "first", times=1), each(100, "PT1H", "more"), id="rate1",
                   until="PT3H49M"),
        collection(each(125, "PT1H"), id="rate3"),
    )  # fmt: skip
    priced = proved(table, stay(f"{DAY} 13:41", "19:12"))
    rates = [line for line in priced.lines if line.collection_id != "fee"]
    zone = stay(f"{DAY} 17:30", "19:12")
    assert [line.collection_id for line in rates] == ["rate1", "rate1", "rate3"]
    assert (rates[-1].starts_at, rates[-1].ends_at) == (zone.starts_at, zone.ends_at)
    assert rates[1].ends_at == zone.starts_at
    assert [s[2] for s in examples["APDS-C17"]["expect_segments"]] == ["rate1", "rate3"]
    assert priced.amount_minor == 200 + 150 + 3 * 100 + 2 * 125


def test_c19_a_flat_penalty_after_24_hours(examples: dict[str, Any]) -> None:
    penalty = collection(flat(5000), id="flat50", after="PT24H")
    table = tariff(penalty, collection(each(200, "PT1H"), id="hourly"))
    priced = proved(table, stay("2019-01-05 08:01", "2019-01-06 14:50"))
    found = [line.collection_id for line in priced.lines]
    assert sorted(found, key=str) == ["flat50", "hourly"]
    assert {s[2] for s in examples["APDS-C19"]["expect_segments"]} == set(found)
    assert priced.amount_minor == 24 * 200 + 5000


def test_taxes_of_lines_and_of_their_collection(examples: dict[str, Any]) -> None:
    """C.1.3.2.5: 30 at 4 %, 15 at 5 %, and 10 % on what that comes to."""
    example = examples["APDS-TAX"]
    lines = [
        flat(minor(line["amount"]), f"line-{n}", tax={"percent": f"{line['tax'] * 100:.0f}"})
        for n, line in enumerate(example["lines"])
    ]
    table = tariff(collection(*lines, tax={"percent": "10"}), currency="USD")
    priced = proved(table, stay(f"{DAY} 10:00", "11:00"))
    taxes = [line for line in priced.lines if line.kind is LineKind.TAX]
    for number, line in enumerate(example["lines"]):
        whole = minor(line["amount"]) + taxes[number].amount_minor
        assert whole == minor(line["expect_subtotal"])
    assert taxes[-1].basis_minor == minor(example["expect_subtotal"])
    assert taxes[-1].amount_minor == minor(example["expect_tax"])
    assert priced.amount_minor == minor(example["expect_total"])


def test_the_published_sample_rate() -> None:
    """`apds/rates.json`: 4.40, 3.30, 4.40, 4.40 for the first hours, 23.10 for the next twenty."""
    [table] = json.loads(shared_data("apds/rates.json").read_text())
    [found] = table["rateLineCollections"]
    lines = [
        each(minor(line["value"]), line["incrementPeriod"], f"line-{line['sequence']}", times=1)
        for line in found["rateLines"]
    ]
    rates = tariff(collection(*lines), currency=found["applicableCurrency"])
    assert cost(rates, f"{DAY} 10:00", "11:00") == 440
    assert cost(rates, f"{DAY} 10:00", "12:30") == 440 + 330 + 440
    assert cost(rates, f"{DAY} 10:00", "14:01") == 1650 + 2310
    assert cost(rates, f"{DAY} 10:00", "2026-03-03 10:00") == 3960
    assert cost(rates, f"{DAY} 10:00", "2026-03-03 10:01") == 3960 + 440
