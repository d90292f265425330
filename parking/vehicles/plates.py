"""Licence plates of countries: what can be one there, and how it is written down. Pure.

The formats are wide on purpose: a car with an old, official or chosen plate must be let in, and a
slip of the finger refused. Where a country gives out words of one's own choice (Sweden, Belgium,
the states of the USA …), or is not in the table, every plate is taken as it is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from parking.errors import InvalidInput
from parking.plates import normalised
from parking.vehicles.countries import COUNTRIES


@dataclass(frozen=True, slots=True)
class Format:
    """Plates of a country: `pattern` of the letters and digits alone (`parking.plates`), an
    `example` as it is on a vehicle, and the `source` of the rule."""

    pattern: str
    example: str
    source: str


_CANTONS = "AG|AI|AR|BE|BL|BS|FR|GE|GL|GR|JU|LU|NE|NW|OW|SG|SH|SO|SZ|TG|TI|UR|VD|VS|ZG|ZH"
_PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"

FORMATS: Mapping[str, Format] = {
    "AT": Format(
        r"(?=.*[0-9])[A-Z]{1,2}[A-Z0-9]{2,6}",
        "W-12345 A",
        "KFG 1967 sections 48, 48a: one or two letters of the authority, then letters and digits",
    ),
    "CH": Format(
        rf"(?:CD|CC|AT)?(?:{_CANTONS})[0-9]{{1,6}}[A-Z]?|[AMP][0-9]{{1,6}}",
        "ZH 123456",
        "VZV (SR 741.51) articles 84 to 87: canton, up to six digits; army and Confederation",
    ),
    "CN": Format(
        rf"[{_PROVINCES}][A-Z][A-Z0-9]{{4,5}}[A-Z0-9学警挂港澳试超领]"
        rf"|[0-9]{{6}}使|使[0-9]{{6}}|WJ[{_PROVINCES}]?[A-Z0-9]{{5,6}}|[A-Z]{{2}}[0-9]{{5}}",
        "沪A·12345",
        "GA 36-2018: province, authority and five places, six with a new energy; the last may be a"
        " word; embassies; armed police and army have their own",
    ),
    "DE": Format(
        r"[A-ZÄÖÜ]{1,3}[A-Z]{0,2}[0-9]{1,6}[EH]?|0[0-9]{2,7}",
        "B-MW 1234",
        "FZV 2023 section 9, annexes 1 to 3: district, up to two letters, digits, E or H;"
        " official plates without letters; 0 for diplomats",
    ),
    "ES": Format(
        r"[A-Z]{0,4}[0-9]{4}[BCDFGHJKLMNPRSTVWXYZ]{3}|[A-Z]{1,4}[0-9]{4,6}[A-Z]{0,2}",
        "1234 BCD",
        "Real Decreto 2822/1998, anexo XVIII: four digits and three consonants; before 2000 the"
        " province in front; official and diplomatic letters",
    ),
    "FR": Format(
        r"[A-Z]{2}[0-9]{3}[A-Z]{2}|[0-9]{1,4}[A-Z]{1,3}(?:[0-9]{1,4}|2[AB])[A-Z]?"
        r"|[A-Z]{1,2}[0-9]{2,3}[A-Z]|[0-9]{8}",
        "AB-123-CD",
        "arrêté du 9 février 2009 (SIV); before that digits, letters and the department; mopeds;"
        " diplomats; army",
    ),
    "GB": Format(
        r"(?=.*[0-9])[A-Z0-9]{2,7}",
        "AB12 CDE",
        "DVLA INF104: up to seven letters and digits, with the prefix, suffix and dateless series",
    ),
    "IE": Format(
        r"[0-9]{2,3}[A-Z]{1,2}[0-9]{1,6}|[A-Z]{2,3}[0-9]{1,5}|[0-9]{1,4}[A-Z]{2,3}",
        "241-D-12345",
        "S.I. No. 318/1992: year, county, number; before 1987 letters and up to four digits; ZZ",
    ),
    "IT": Format(
        r"(?=.*[0-9])[A-Z]{2}[A-Z0-9]{3,8}",
        "AB 123 CD",
        "D.P.R. 495/1992 articles 256 to 260: two letters, three digits, two letters; motorcycles;"
        " before 1994 the province in front",
    ),
    "NL": Format(
        r"(?=.*[0-9])(?=.*[A-Z])[A-Z0-9]{6}|AA[0-9]{2,3}",
        "AB-123-C",
        "Kentekenreglement: three groups of letters and digits, six in all; AA for the royal house",
    ),
    "PL": Format(
        r"(?=.*[0-9])[A-Z]{1,3}[A-Z0-9]{3,6}",
        "WA 12345",
        "Prawo o ruchu drogowym article 71 and its regulation: up to three letters of the district,"
        " then letters and digits",
    ),
    "PT": Format(
        r"(?:[A-Z]{2}|[0-9]{2}){3}|[A-Z]{1,2}[0-9]{5,6}|[0-9]{3}[A-Z]{2}[0-9]{3}",
        "AA-01-AA",
        "Decreto-Lei 54/2005 with 2/2020: three pairs, each of letters or of digits; trailers;"
        " diplomats",
    ),
}
"""By country (ISO 3166-1 alpha-2)."""


def country_of(text: str) -> str:
    """The country's code in upper case. Raises InvalidInput on `country`."""
    code = text.strip().upper()
    if code not in COUNTRIES:
        message = f"unknown country {text[:16]!r}; use an ISO 3166-1 code of two letters such as DE"
        raise InvalidInput("country", message)
    return code


def plate_of(country: str, text: str) -> str:
    """The letters and digits of a plate of this country, as `parking.plates.normalised` gives
    them. Raises InvalidInput on `plate`, or on `country`."""
    code, plate = country_of(country), normalised(text)
    if not plate:
        raise InvalidInput("plate", "the plate is empty; give it as it is on the vehicle")
    known = FORMATS.get(code)
    if known is not None and re.fullmatch(known.pattern, plate) is None:
        message = f"plates of {code} do not look like this; expected one like {known.example}"
        raise InvalidInput("plate", message)
    return plate
