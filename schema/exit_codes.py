"""The codes at a place's exits, as who runs it sees them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from parking.rights.queries import RightsFilter, exit_codes_by_id, find_exit_codes
from parking.rights.records import ExitCodeRecord
from schema import places
from schema.context import Info
from schema.fields import resolved
from schema.ids import global_id
from schema.loaders import load
from schema.refusals import known
from schema.relay import Connection, Node, Page
from schema.rights_pages import rights_page

if TYPE_CHECKING:
    from schema.places import Place

EXIT_PATH = "/x/"
"""Where an exit code's page is; what follows is its public id."""


@strawberry.type(description="The code at an exit: it says which place is left.")
class ExitCode(Node):
    """`parking.rights.records.ExitCodeRecord`."""

    public_id: str = strawberry.field(description="What names it in public.")
    link: str = strawberry.field(description="Path of its page, `/x/…`.")
    label: str = strawberry.field(description="Which exit; may be empty.")
    created_at: datetime = strawberry.field(description="When it was made.")
    revoked_at: datetime | None = strawberry.field(description="When it was revoked.")
    domain: strawberry.Private[ExitCodeRecord]

    @resolved("The place; null if it was retired.")
    async def place(
        self, info: Info
    ) -> Annotated["Place", strawberry.lazy("schema.places")] | None:
        return await places.load_place(info, self.domain.place_id)


def exit_code_of(code: ExitCodeRecord) -> ExitCode:
    """The domain's exit code as the schema's type."""
    return ExitCode(
        id=global_id("ExitCode", code.id),
        public_id=code.public_id,
        link=EXIT_PATH + code.public_id,
        label=code.label,
        created_at=code.created_at,
        revoked_at=code.revoked_at,
        domain=code,
    )


async def load_exit_code(info: Info, key: int | None) -> ExitCode | None:
    """The code, if the viewer may see it."""
    found = await load(info.context, exit_codes_by_id, key)
    return None if found is None else exit_code_of(found)


async def load_known_exit_code(info: Info, key: int) -> ExitCode:
    """One that a verb has just made or changed; an error if it is gone since."""
    return known(await load_exit_code(info, key))


async def exit_code_page(info: Info, wanted: RightsFilter, asked: Page) -> Connection[ExitCode]:
    """One page of the codes that the viewer may see, the newest first."""
    return await rights_page(info, find_exit_codes, wanted, asked, exit_code_of)
