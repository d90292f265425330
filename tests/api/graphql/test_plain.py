"""What is compiled answers exactly as graphql-core does, and knows when it cannot."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from graphql import ExecutionResult, parse
from hypothesis import given
from hypothesis import strategies as st

from api.graphql.plain import NotPlain, compiled
from api.graphql.running import PlainExecutor, encoded
from parking.occupancy.models import Claim, LockState, Occupancy, Service, Source, SpaceStatus
from parking.occupancy.rules import Counts
from parking.occupancy.state import PlaceUpdate, SpaceSnapshot, UpdateKind
from parking.places.models import PlaceState
from schema.refusals import NotFound
from schema.schema import make_schema
from schema.updates import update_of

SCHEMA = make_schema()._schema
AT = datetime(2026, 1, 5, 8, 0, 0, 1200, tzinfo=UTC)
SPACE = SpaceSnapshot(
    space_id=7, number="A-7", status=SpaceStatus.OCCUPIED, occupancy=Occupancy.OCCUPIED, since=AT,
    observed_at=None, source=Source.DEVICE, service=Service.OPEN, claim=Claim.NONE,
    lock=LockState.UNKNOWN, version=12,
)  # fmt: skip
UPDATE = update_of(
    PlaceUpdate(
        place_id=3, version=12, previous_version=11, at=AT, state=PlaceState.ALMOST_FULL,
        counts=Counts(available=1, occupied=9), kind=UpdateKind.DELTA,
        spaces=(SPACE, replace(SPACE, space_id=8, number='q"\n', since=None)),
    )
)  # fmt: skip
SPACE_FIELDS = ["spaceId", "number", "status", "occupancy", "since", "observedAt", "source", "lock"]
PLACE_FIELDS = ["kind", "placeId", "version", "previousVersion", "at", "state"]


def executor_of(selection: str, variables: dict[str, Any] | None = None) -> PlainExecutor:
    text = f"subscription($no: Boolean = false) {{ live: placeOccupancy(placeId: 1) {selection} }}"
    made = PlainExecutor.build(SCHEMA, parse(text), raw_variable_values=variables or {})
    assert isinstance(made, PlainExecutor), made
    return made


def executed(executor: PlainExecutor, value: Any) -> bytes:
    result = executor.for_event(value, None).execute_operation(serially=False)  # type: ignore[arg-type]
    assert isinstance(result, ExecutionResult)
    return encoded(result)


@st.composite
def selections(draw: st.DrawFn) -> str:
    """Fields in any order and number, under aliases, in fragments, skipped and repeated."""

    def some(names: list[str], inner: str = "") -> str:
        parts = []
        for name in draw(st.lists(st.sampled_from([*names, "__typename"]), max_size=6)):
            alias = draw(st.sampled_from(["", "", "x: "] if name != "__typename" else [""]))
            skip = draw(st.sampled_from(["", "", "@skip(if: $no)", "@include(if: $no)"]))
            parts.append(f"{alias}{name} {skip}" if not alias else f"x{name}: {name} {skip}")
        return " ".join(["ok: __typename", *parts, inner])

    spaces = f"spaces {{ {some(SPACE_FIELDS)} }}"
    counts = "counts { total available }"
    nested = draw(st.sampled_from([spaces, counts, f"{spaces} {counts}", f"{spaces} {spaces}", ""]))
    on = f"... on PlaceOccupancyUpdate {{ {some(PLACE_FIELDS, nested)} }}"
    refusal = "... on NotFound { code message }"
    return f"{{ {on} {draw(st.sampled_from(['', refusal, on]))} }}"


@given(selections(), st.booleans())
def test_it_answers_as_graphql_core_does(selection: str, no: bool) -> None:
    executor = executor_of(selection, {"no": no})
    core = executed(executor, UPDATE)
    assert encoded(ExecutionResult(compiled(executor)(UPDATE), None)) == core


def test_of_a_union_each_type_is_compiled_for_itself() -> None:
    selection = "{ ... on PlaceOccupancyUpdate { version place { id } } ... on NotFound { code } }"
    complete = compiled(executor_of(selection))
    assert complete(NotFound(code="NOT_FOUND", message="there is none")) == {
        "live": {"code": "NOT_FOUND"}
    }
    for _ in range(2):
        with pytest.raises(NotPlain):
            complete(UPDATE)


@pytest.mark.parametrize(
    "wrong",
    [
        replace(UPDATE, version=None),
        replace(UPDATE, version="twelve"),
        replace(UPDATE, state="HALF_FULL"),
        replace(UPDATE, spaces=[replace(UPDATE.spaces[0], number=None)]),
        replace(UPDATE, spaces=[replace(UPDATE.spaces[0], number=4)]),
        replace(UPDATE, spaces=iter(())),
        replace(UPDATE, counts=replace(UPDATE.counts, total=2**31)),
        object(),
    ],
)
def test_what_graphql_would_complain_of_is_left_to_it(wrong: Any) -> None:
    fields = "version state spaces { number } counts { total }"
    executor = executor_of(f"{{ ... on PlaceOccupancyUpdate {{ {fields} }} }}")
    with pytest.raises(NotPlain):
        executor.plainly(wrong)
    executor.plainly(UPDATE)  # and it goes on with the next
