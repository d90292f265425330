"""Lists of what has to do with rights: all the newest first, by id."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Protocol, TypeAlias, TypeVar

import strawberry

from parking.accounts.viewer import Viewer
from parking.rights.kinds import ContractState, RedemptionState, RightState
from parking.rights.queries import RightsFilter
from schema.context import Info, viewer_of
from schema.relay import Connection, Page, after_id, connection

RightStates: TypeAlias = Annotated[
    list[RightState] | None, strawberry.argument(description="In one of these; null: in any.")
]
ContractStateWanted: TypeAlias = Annotated[
    ContractState | None, strawberry.argument(description="Only these; null: all.")
]
RedemptionStateWanted: TypeAlias = Annotated[
    RedemptionState | None, strawberry.argument(description="Only these; null: all.")
]
IsSeen: TypeAlias = Annotated[
    bool | None, strawberry.argument(description="Seen by somebody, or not; null: all.")
]


class Numbered(Protocol):
    """A record of the domain."""

    @property
    def id(self) -> int:
        """Its database key."""


Row = TypeVar("Row", bound=Numbered)
Row_co = TypeVar("Row_co", bound=Numbered, covariant=True)
T = TypeVar("T")


class Find(Protocol[Row_co]):
    """A domain query: the rows of a list that exist for this viewer, the newest first."""

    def __call__(
        self, viewer: Viewer, wanted: RightsFilter, *, limit: int, before_id: int = 0
    ) -> Awaitable[Sequence[Row_co]]: ...


async def rights_page(
    info: Info, find: Find[Row], wanted: RightsFilter, asked: Page, node: Callable[[Row], T]
) -> Connection[T]:
    """One page of what the viewer may see of a list."""
    viewer, before = viewer_of(info.context), after_id(asked)
    found = await find(viewer, wanted, limit=asked.limit, before_id=before)
    return connection(asked, found, lambda row: (row.id,), node)


def only(state: str | None) -> list[str] | None:
    """The one state that is wanted, as a filter; None for all."""
    return None if state is None else [state]
