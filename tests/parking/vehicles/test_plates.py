"""Plates of countries."""

import pytest

from parking.errors import InvalidInput
from parking.plates import normalised
from parking.vehicles.countries import COUNTRIES
from parking.vehicles.plates import FORMATS, plate_of


@pytest.mark.parametrize(
    ("country", "plates"),
    [
        ("AT", "W-12345 A|ME-639 A|P-DXN 1|BP 12345"),
        ("CH", "ZH 123456|ge 7|AG 1234 U|M 12345|CD ZH 123"),
        ("CN", "沪A·12345|京AD12345|粤Z1234港|川A1234学|使123456|123456使|WJ京1234X|VA12345"),
        ("DE", "B-MW 1234|b mw1234|TÖL-A 1H|HH-E 99E|THW 80000|Y-123456|0-17-12|M-06123"),
        ("ES", "1234 BCD|M-1234-AB|GC 123456|CD 123 45|E 1234 BBB"),
        ("FR", "AB-123-CD|123 ABC 75|12 AB 2A|AA 12 B|6123 4567|12 CD 345"),
        ("GB", "AB12 CDE|A123 BCD|ABC 123D|A 1|AZI 1234|12345"),
        ("IE", "241-D-12345|12-KY-1|AZI 12|ZZ 12345"),
        ("IT", "AB 123 CD|AA 12345|ROMA 1B2345|MI 123456|EI AA 123"),
        ("NL", "AB-123-C|12-ABC-3|AA-12|1-ABC-23"),
        ("PL", "WA 12345|W0 TEST|KRA 1A23|W 123456"),
        ("PT", "AA-01-AA|12-34-AB|AB-12-34|L-123456|123-CD-456"),
    ],
)
def test_plates_of_a_country_are_taken(country: str, plates: str) -> None:
    for plate in plates.split("|"):
        assert plate_of(country.lower(), plate) == normalised(plate), plate


@pytest.mark.parametrize(
    ("country", "plates"),
    [
        ("AT", "12345|ABCDEFGH1"),
        ("CH", "XX 12|ZH 1234567"),
        ("CN", "A12345|沪A123|沪112345|魏A12345"),
        ("DE", "1234|B-MW|ABCD-EF 12|B-MW 12 34X"),
        ("ES", "1234 ABE|1234"),
        ("FR", "AB-123|ABCDEFG"),
        ("GB", "AB12 CDEF|ABCDEFG"),
        ("IE", "241-D|DDD"),
        ("IT", "123 AB|AB CDE"),
        ("NL", "AB-12-3|ABCDEF|123456"),
        ("PL", "12345|WABCDE"),
        ("PT", "A1-23-BC|AA-01"),
    ],
)
def test_slips_are_refused_with_an_example(country: str, plates: str) -> None:
    for plate in plates.split("|"):
        with pytest.raises(InvalidInput, match="expected one like") as refused:
            plate_of(country, plate)
        assert refused.value.field == "plate", plate


def test_every_format_takes_its_own_example() -> None:
    for country, known in FORMATS.items():
        assert plate_of(country, known.example) == normalised(known.example)
        assert known.source
        assert country in COUNTRIES


def test_elsewhere_a_plate_is_only_normalised() -> None:
    assert plate_of("SE", "tur bo") == "TURBO"
    assert plate_of("US", "4-wheels") == "4WHEELS"
    assert plate_of("JP", "品川 ３００ さ １２-３４") == "品川300さ1234"


@pytest.mark.parametrize("country", ["", "D", "XX", "DEU", "EU", "Ｄ"])
def test_a_country_has_a_code_of_iso_3166(country: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        plate_of(country, "B-MW 1234")
    assert refused.value.field == "country"


@pytest.mark.parametrize("plate", ["", "  ", "---", "A" * 21])
def test_a_plate_has_letters_or_digits_and_not_too_many(plate: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        plate_of("SE", plate)
    assert refused.value.field == "plate"
