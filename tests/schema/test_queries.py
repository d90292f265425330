"""Queries: what a viewer may see, page by page."""

from tests.schema.town import Town

PLACE = """query ($id: ID!) { place(id: $id) {
  id name kind timeZone currency isPublic isOpen version state position { latitude longitude }
  counts { total available unknown } campus { name } organisation { name } distanceMetres
  subplaces { name kind level parentId }
  spaces(first: 2) { nodes { number subplaceId attributes { isEv } plan { widthMetres }
    status occupancy { value since source } service claim lock { state } version subplace { name }
    place { name } devices { endpoint } }
    pageInfo { hasNextPage endCursor } edges { cursor node { id } } } } }"""


async def test_a_public_place_is_anybodys_to_read(town: Town) -> None:
    place = (await town.ask("anonymous", PLACE, id=town.ids["garage"]))["place"]
    assert place["name"] == "The garage"
    assert place["counts"] == {"total": 3, "available": 0, "unknown": 3}
    assert [s["number"] for s in place["spaces"]["nodes"]] == ["A-01", "A-02"]
    assert place["spaces"]["nodes"][0]["devices"] is None
    assert place["organisation"] is None
    assert place["campus"] == {"name": "quay"}


async def test_a_private_place_looks_missing_to_others(town: Town) -> None:
    for who in ("anonymous", "driver", "stranger", "bare_key"):
        assert (await town.ask(who, PLACE, id=town.ids["yard"]))["place"] is None
    for who in ("operator", "attendant", "key"):
        assert (await town.ask(who, PLACE, id=town.ids["yard"]))["place"]["name"] == "The yard"
