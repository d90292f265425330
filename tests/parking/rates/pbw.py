"""A German operator's flat list of tariff lines (`parkapi/pbw_tariffs_flat.csv`) as documents.

How a line is read:

| Taktung, Beschreibung | becomes |
|---|---|
| "je angefangene …", a length | an increment; with times of day its own collection |
| "erste", "1. bis 3. angefangene Stunde", "jede weitere" | lines that follow each other |
| "Tageshöchstsatz", "max." | a cap over its days and times |
| the same where no increment is charged on its days | the flat price of such a day |
| "Pauschal" within times of day | a flat price for that time |
| "Tagespauschale je angefangene 24 Stunden ab Einfahrt" | an increment of PT24H |
| "Zeitkarte" | a pass; "Kombiticket" a pass that is asked for; "Rabatt" an option |

A started increment is completed at the rate at which it began: the clock runs from the entry, and
the first hour is the first of the stay.

No day flagged: where the garage's other lines have flags the line can never hold, and that is said
(`impossible`); where none of its increments has flags the columns were left empty: every day.
"""

import csv
import re
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

DAYS = {
    "gueltig_montag": "MON", "gueltig_dienstag": "TUE", "gueltig_mittwoch": "WED",
    "gueltig_donnerstag": "THU", "gueltig_freitag": "FRI", "gueltig_samstag": "SAT",
    "gueltig_sonntag": "SUN", "gueltig_feiertag": "HOLIDAY",
}  # fmt: skip
EVERY_DAY = list(DAYS.values())
HOLIDAYS = {"country": "DE", "subdivision": "BW"}


@dataclass
class Garage:
    """A garage's document, and the lines that no document could hold."""

    name: str
    document: dict[str, Any] = field(default_factory=dict)
    impossible: list[str] = field(default_factory=list)


@dataclass
class Line:
    """A row of the list."""

    text: str
    unit: str
    starts: str
    ends: str
    days: list[str]
    amount_minor: int

    @property
    def increment(self) -> str | None:
        """The length of a started unit."""
        if "24 Stunden ab Einfahrt" in self.text:
            return "PT24H"
        found = re.fullmatch(r"(\d+)? ?(Minuten|Stunden?|Halbstunde)", self.unit)
        if found is None:
            return None
        if found[2] == "Halbstunde":
            return "PT30M"
        return f"PT{found[1] or 1}{'M' if found[2] == 'Minuten' else 'H'}"

    @property
    def is_cap(self) -> bool:
        return "höchstsatz" in self.text or "max" in self.text + self.unit

    @property
    def pass_days(self) -> int | None:
        """How many days a pass is for."""
        found = re.search(r"Zeitkarte (?:für )?(\d+)", self.text)
        if found:
            return int(found[1])
        return 1 if self.text.startswith("Kombiticket") else None

    @property
    def band(self) -> dict[str, Any]:
        """When it holds."""
        band: dict[str, Any] = {} if self.days == EVERY_DAY else {"days": self.days}
        if (self.starts, self.ends) not in {("00:00", "00:00"), ("00:00", "23:59")}:
            band |= {"from": self.starts, "to": self.ends}
        return band


def read_garages(path: Path) -> dict[int, Garage]:
    """Every garage of the list by its number."""
    rows = defaultdict[int, list[dict[str, str]]](list)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows[int(row["facility"])].append(row)
    return {number: _garage(found) for number, found in rows.items()}


def _garage(rows: list[dict[str, str]]) -> Garage:
    garage, lines = Garage(rows[0]["name"].strip()), [_line(row) for row in rows]
    if not any(line.days for line in lines if line.increment):
        for line in lines:
            line.days = line.days or EVERY_DAY
    garage.impossible = [line.text for line in lines if not line.days]
    kept = [line for line in lines if line.days]
    caps, passes = list[dict[str, Any]](), list[dict[str, Any]]()
    charged = {day for line in kept if line.increment for day in line.days}
    for number, line in enumerate(kept):
        if line.is_cap and charged.intersection(line.days):
            cap = {"id": f"cap-{number}", "name": line.text, "maxMinor": line.amount_minor}
            caps.append({**cap, "over": "BAND", "when": [line.band]})
        elif line.pass_days:
            passes.append(_pass(line, number))
    garage.document = {
        "currency": "EUR", "holidays": HOLIDAYS, "collections": _collections(kept), "caps": caps,
        "passes": passes,
    }  # fmt: skip
    return garage


def _line(row: dict[str, str]) -> Line:
    return Line(
        row["beschreibung"].strip(), row["taktung"].strip(), row["gueltig_von"][:5],
        row["gueltig_bis"][:5], [day for key, day in DAYS.items() if row[key] == "True"],
        int(Decimal(row["betrag"]) * 100),
    )  # fmt: skip


def _collections(lines: list[Line]) -> list[dict[str, Any]]:
    """Special ones first: flat times and days, then savings, then the ordinary increments."""
    charged = {day for line in lines if line.increment for day in line.days}
    special, ordinary = list[dict[str, Any]](), list[Line]()
    for number, line in enumerate(lines):
        is_flat_day = line.is_cap and not charged.intersection(line.days)
        is_flat_time = not line.is_cap and line.unit == "Pauschal" and line.starts != line.ends
        if line.text.startswith("Rabatt"):
            off = _collection(f"discount-{number}", line, adds=True)
            special.append({**off, "if": {"option": "polygoCard"}})
        elif is_flat_day or (is_flat_time and not line.increment):
            special.append(_collection(f"flat-{number}", line))
        elif line.increment and "from" in line.band and line.starts != line.ends:
            special.append(_collection(f"saving-{number}", line))
        elif line.increment:
            ordinary.append(line)
    if ordinary:
        base = _collection("base", ordinary[0], counts="STAY")
        special.append({**base, "lines": [_rate(line) for line in ordinary]})
    return special


def _collection(id: str, line: Line, **more: Any) -> dict[str, Any]:
    band = line.band
    if line.is_cap and "from" not in band:
        # A flat price of a day is due on each such day, also when they touch.
        band = {**band, "from": "00:00", "to": "24:00"}
    when = {"when": [band]} if band else {}
    return {"id": id, "lines": [_rate(line)], "atBoundary": "COMPLETE", **when, **more}


def _rate(line: Line) -> dict[str, Any]:
    rate: dict[str, Any] = {
        "id": re.sub(r"\W+", "-", line.text, flags=re.ASCII).strip("-")[:64], "name": line.text,
        "amountMinor": line.amount_minor, "type": "FLAT_RATE",
    }  # fmt: skip
    if line.increment:
        rate |= {"type": "INCREMENTING_RATE", "increment": line.increment}
        first = re.match(r"(?:1\. bis )?(\d)\. angefangene|(erste) angefangene", line.text)
        if first:
            rate["times"] = int(first[1] or 1)
    return rate


def _pass(line: Line, number: int) -> dict[str, Any]:
    days = line.pass_days
    made: dict[str, Any] = {"id": f"pass-{number}", "name": line.text, "days": days}
    made["amountMinor"] = line.amount_minor
    if line.text.startswith("Kombiticket"):
        persons = "kombi-1" if "1 Person" in line.text else "kombi-2-5"
        made["if"] = {"option": persons}
    return made
