"""Rate tables through the schema: written, read, previewed, priced."""

import json
from typing import Any

from tests.parking.rates.tables import collection, each, flat
from tests.schema.town import Town

CREATE = """mutation ($input: CreateRateTableInput!, $key: String!) {
  createRateTable(input: $input, idempotencyKey: $key) {
    __typename
    ... on RateTableCreated { rateTable { id name currency version document } }
    ... on InvalidInput { code field message }
  }
}"""
UPDATE = """mutation ($input: UpdateRateTableInput!, $key: String!) {
  updateRateTable(input: $input, idempotencyKey: $key) {
    __typename
    ... on RateTableUpdated { rateTable { version name } }
    ... on Conflict { code }
  }
}"""
SHOWN = """query ($id: ID!, $from: DateTime!, $to: DateTime!, $hours: Int!, $options: [String!]) {
  rateTable(id: $id) {
    price(startsAt: $from, endsAt: $to, timeZone: "Europe/Berlin", options: $options) {
      amount { amountMinor currency } tax { amountMinor }
      lines { kind collectionId lineId quantity unit unitAmountMinor amountMinor }
    }
    preview(startsAt: $from, timeZone: "Europe/Berlin", hours: $hours) {
      isCut rows { upToMinutes amount { amountMinor } } points { minutes amount { amountMinor } }
    }
  }
}"""
DOCUMENT = {
    "currency": "EUR",
    "collections": [
        collection(flat(-50), id="card", adds=True, **{"if": {"option": "card"}}),
        collection(each(120, "PT30M")),
    ],
    "tax": {"percent": "20", "included": True},
}


async def create(town: Town, document: Any) -> dict[str, Any]:
    given = {
        "organisationId": town.ids["harbour"],
        "name": "Days",
        "document": json.dumps(document),
    }
    found = await town.ask("operator", CREATE, input=given, key=town.fresh_key())
    answer: dict[str, Any] = found["createRateTable"]
    return answer


async def test_a_rate_table_is_written_and_priced(town: Town) -> None:
    made = (await create(town, DOCUMENT))["rateTable"]
    assert (made["currency"], made["version"]) == ("EUR", 1)
    assert json.loads(made["document"]) == DOCUMENT
    asked = {"from": "2026-03-02T09:00:00Z", "to": "2026-03-02T10:10:00Z", "hours": 1}
    shown = await town.ask("operator", SHOWN, id=made["id"], options=["card"], **asked)
    priced = shown["rateTable"]["price"]
    assert priced["amount"] == {"amountMinor": 310, "currency": "EUR"}
    assert priced["tax"] == {"amountMinor": 52}
    assert [line["amountMinor"] for line in priced["lines"]] == [-50, 360, 0]
    rows = shown["rateTable"]["preview"]["rows"]
    assert [(row["upToMinutes"], row["amount"]["amountMinor"]) for row in rows] == [
        (30, 120), (60, 240),
    ]  # fmt: skip


async def test_a_fault_in_the_document_names_its_path(town: Town) -> None:
    wrong = {**DOCUMENT, "collections": [collection(each(1.5, "PT30M"))]}  # type: ignore[arg-type]
    answer = await create(town, wrong)
    assert answer["__typename"] == "InvalidInput"
    assert answer["field"] == "document.collections.0.lines.0.amountMinor"


async def test_an_edit_of_another_version_is_a_conflict(town: Town) -> None:
    given = {"rateTableId": town.ids["harbour-rates"], "version": 1, "name": "Nights"}
    for expected in ({"version": 2, "name": "Nights"}, None):
        answer = await town.ask("operator", UPDATE, input=given, key=town.fresh_key())
        if expected is None:
            assert answer["updateRateTable"]["code"] == "VERSION_CHANGED"
        else:
            assert answer["updateRateTable"]["rateTable"] == expected


async def test_what_cannot_be_priced_is_an_error_with_a_code(town: Town) -> None:
    asked = {"from": "2026-03-02T09:00:00Z", "to": "2026-03-02T09:00:00Z", "hours": 169}
    result = await town.execute("operator", SHOWN, id=town.ids["harbour-rates"], **asked)
    assert {error.extensions["code"] for error in result.errors} == {"INVALID_INPUT"}


async def test_an_organisation_lists_its_rate_tables(town: Town) -> None:
    query = """query ($id: ID!) {
      node(id: $id) { ... on Organisation { rateTables { nodes { name } } } }
    }"""
    found = await town.ask("operator", query, id=town.ids["harbour"])
    assert found["node"]["rateTables"]["nodes"] == [{"name": "harbour-rates"}]
