"""Accounts: who the viewer is, organisations, their members, keys and invitations."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from parking.accounts.api_keys import ApiKeyView, list_api_keys
from parking.accounts.invitations import InvitationView, list_invitations, own_invitations
from parking.accounts.members import Member as MemberView
from parking.accounts.members import list_members
from parking.accounts.models import Role
from parking.accounts.organisations import OrganisationView, own_organisations
from parking.accounts.people import Profile, own_profile
from parking.accounts.viewer import Viewer as DomainViewer
from parking.errors import NotFound, NotPermitted
from parking.places.search import PlaceFilter
from parking.reservations.queries import ReservationFilter
from parking.sessions.queries import SessionFilter
from parking.vehicles.models import ProofState
from schema import places, rates, reservations, sessions, vehicles
from schema.context import Info, services_of, viewer_of
from schema.execution import COST, VOLATILE, Cost
from schema.fields import resolved
from schema.ids import global_id
from schema.loaders import load
from schema.locations_bindings import ViewerBindings
from schema.locations_fetching import ViewerDelegations
from schema.locations_positions import ViewerPositions
from schema.notices import OrganisationNotices, ViewerNotices
from schema.organisation_merchants import OrganisationMerchants
from schema.organisation_money import OrganisationMoney
from schema.organisation_rights import OrganisationRights
from schema.pages import RateTablePage, ReservationPage, ReservationsAsked, SessionPage
from schema.refusals import RefusalsAsErrors
from schema.relay import PAGE_SIZE_DEFAULT, After, Connection, First, Node, page
from schema.viewer_money import ViewerMoney
from schema.viewer_rights import ViewerRights

if TYPE_CHECKING:
    from schema.places import Place
    from schema.vehicles import Vehicle, VehicleProof

MEMBERS_ASSUMED = 20


@strawberry.type(description="A human being, as they see themselves.")
class Person(Node):
    """`parking.accounts.people.Profile`."""

    name: str = strawberry.field(description="As they wrote it; may be empty.")
    phone: str | None = strawberry.field(description="E.164.")
    email: str | None = strawberry.field(description="In lower case.")
    locale: str = strawberry.field(description="Language of messages to them: `en` or `zh`.")


def person_of(profile: Profile) -> Person:
    """The domain's profile as the schema's type."""
    return Person(
        id=global_id("Person", profile.id),
        name=profile.name,
        phone=profile.phone,
        email=profile.email,
        locale=profile.locale,
    )


@strawberry.type(description="A person's place in an organisation.")
class Member:
    """`parking.accounts.members.Member`."""

    person_id: strawberry.ID = strawberry.field(description="The person's id.")
    name: str = strawberry.field(description="As they wrote it; may be empty.")
    phone: str | None = strawberry.field(description="E.164.")
    email: str | None = strawberry.field(description="In lower case.")
    roles: list[Role] = strawberry.field(description="What they may do there.")
    since: datetime = strawberry.field(description="When their first role there began.")


def member_of(member: MemberView) -> Member:
    """The domain's member as the schema's type."""
    return Member(
        person_id=global_id("Person", member.person_id),
        name=member.name,
        phone=member.phone,
        email=member.email,
        roles=list(member.roles),
        since=member.since,
    )


@strawberry.type(description="A key for a system of the organisation; its secret is shown once.")
class ApiKey:
    """`parking.accounts.api_keys.ApiKeyView`."""

    id: strawberry.ID = strawberry.field(description="The key's id.")
    name: str = strawberry.field(description="What it is for.")
    hint: str = strawberry.field(description="First characters of its secret.")
    scopes: list[str] = strawberry.field(description="What it may do, such as `places:write`.")
    created_at: datetime = strawberry.field(description="When it was made.")
    last_used_at: datetime | None = strawberry.field(description="Last use, to the minute.")
    revoked_at: datetime | None = strawberry.field(description="When it stopped working.")


def api_key_of(key: ApiKeyView) -> ApiKey:
    """The domain's key as the schema's type."""
    return ApiKey(
        id=global_id("ApiKey", key.id),
        name=key.name,
        hint=key.hint,
        scopes=[scope.value for scope in key.scopes],
        created_at=key.created_at,
        last_used_at=key.last_used_at,
        revoked_at=key.revoked_at,
    )


@strawberry.type(description="An open offer of a role to whoever proves an address.")
class Invitation:
    """`parking.accounts.invitations.InvitationView`."""

    id: strawberry.ID = strawberry.field(description="The invitation's id.")
    organisation_id: strawberry.ID = strawberry.field(description="The organisation's id.")
    organisation_name: str = strawberry.field(description="The organisation's name.")
    address: str = strawberry.field(description="Phone (E.164) or e-mail address invited.")
    role: Role = strawberry.field(description="The role offered.")
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime = strawberry.field(description="Until when it can be accepted.")


def invitation_of(invitation: InvitationView) -> Invitation:
    """The domain's invitation as the schema's type."""
    return Invitation(
        id=global_id("Invitation", invitation.id),
        organisation_id=global_id("Organisation", invitation.organisation_id),
        organisation_name=invitation.organisation_name,
        address=invitation.address,
        role=invitation.role,
        created_at=invitation.created_at,
        expires_at=invitation.expires_at,
    )


@strawberry.type(description="Whoever runs something together: an operator, a merchant, owners.")
class Organisation(
    Node, OrganisationMoney, OrganisationRights, OrganisationNotices, OrganisationMerchants
):
    """`parking.accounts.organisations.OrganisationView`; its own members see it."""

    name: str = strawberry.field(description="Its name.", metadata={VOLATILE: True})

    @resolved(
        "Its members, by name; null unless the viewer is an OPERATOR of it.",
        metadata={VOLATILE: True, COST: Cost(assumed_size=MEMBERS_ASSUMED)},
    )
    async def members(self, info: Info) -> list[Member] | None:
        try:
            found = await list_members(viewer_of(info.context), self.key)
        except (NotFound, NotPermitted):
            return None
        return [member_of(member) for member in found]

    @resolved(
        "Its API keys, newest first; null unless the viewer is an OPERATOR of it.",
        metadata={VOLATILE: True, COST: Cost(assumed_size=MEMBERS_ASSUMED)},
    )
    async def api_keys(self, info: Info) -> list[ApiKey] | None:
        try:
            found = await list_api_keys(viewer_of(info.context), self.key)
        except (NotFound, NotPermitted):
            return None
        return [api_key_of(key) for key in found]

    @resolved(
        "Its open invitations, newest first; null unless the viewer is an OPERATOR of it.",
        metadata={VOLATILE: True, COST: Cost(assumed_size=MEMBERS_ASSUMED)},
    )
    async def invitations(self, info: Info) -> list[Invitation] | None:
        clock = services_of(info.context).clock
        try:
            found = await list_invitations(viewer_of(info.context), self.key, clock=clock)
        except (NotFound, NotPermitted):
            return None
        return [invitation_of(invitation) for invitation in found]

    @resolved("Its places that the viewer may see, by name.", metadata={VOLATILE: True})
    async def places(
        self, info: Info, first: First = PAGE_SIZE_DEFAULT, after: After = None
    ) -> Connection[Annotated["Place", strawberry.lazy("schema.places")]]:
        wanted = PlaceFilter(organisation_id=self.key)
        return await places.place_page(info, wanted, page(first, after))

    @resolved(
        "Its rate tables in use, by name; none for who may not see them.",
        metadata={VOLATILE: True},
    )
    async def rate_tables(
        self, info: Info, first: First = PAGE_SIZE_DEFAULT, after: After = None
    ) -> RateTablePage:
        return await rates.rate_table_page(info, self.key, page(first, after))

    @resolved(
        "Reservations of the spaces that it lets, the latest start first; those that the"
        " viewer may see.",
        metadata={VOLATILE: True},
        extensions=[RefusalsAsErrors()],
    )
    async def reservations(
        self,
        info: Info,
        filter: ReservationsAsked = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> ReservationPage:
        whose = ReservationFilter(organisation_id=self.key)
        return await reservations.reservation_page(info, whose, filter, page(first, after))

    @resolved(
        "What drivers asked it to approve of their vehicles, oldest first; null unless the viewer"
        " is an OPERATOR of it.",
        metadata={VOLATILE: True},
    )
    async def vehicle_proofs(
        self,
        info: Info,
        states: Annotated[
            list[ProofState] | None,
            strawberry.argument(description="In one of these; REQUESTED is the queue. Null: all."),
        ] = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> Connection[Annotated["VehicleProof", strawberry.lazy("schema.vehicles")]] | None:
        return await vehicles.proof_page(info, self.key, states, page(first, after))


def organisation_of(view: OrganisationView) -> Organisation:
    """The domain's organisation as the schema's type."""
    return Organisation(id=global_id("Organisation", view.id), name=view.name, key=view.id)


async def visible_organisations(
    viewer: DomainViewer, keys: Sequence[int]
) -> Mapping[int, OrganisationView]:
    """Those of the organisations that the viewer belongs to."""
    wanted = set(keys)
    return {own.id: own for own in await own_organisations(viewer) if own.id in wanted}


async def load_organisation(info: Info, key: int | None) -> Organisation | None:
    """The organisation, if the viewer belongs to it."""
    view = await load(info.context, visible_organisations, key)
    return None if view is None else organisation_of(view)


async def load_person(info: Info, key: int) -> Person | None:
    """The person, if that is the viewer."""
    viewer = viewer_of(info.context)
    return person_of(await own_profile(viewer)) if viewer.person_id == key else None


@strawberry.type(description="The roles that the viewer holds in an organisation.")
class Membership:
    """One entry of `parking.accounts.viewer.Viewer.roles`."""

    organisation: Organisation = strawberry.field(description="The organisation.")
    roles: list[Role] = strawberry.field(description="Roles held; none for an API key.")


@strawberry.type(description="Who is asking.")
class Viewer(
    ViewerMoney, ViewerRights, ViewerNotices, ViewerPositions, ViewerBindings, ViewerDelegations
):
    """`parking.accounts.viewer.Viewer`."""

    valid_until: datetime | None = strawberry.field(
        description="When the proof of identity runs out; null: it does not."
    )
    scopes: list[str] = strawberry.field(
        description="What an API key is limited to; empty for a person, who is not limited."
    )
    is_api_key: bool = strawberry.field(description="Whether it is a system with an API key.")

    @resolved("The person; null for an API key.")
    async def person(self) -> Person | None:
        is_person = self.domain.person_id is not None
        return person_of(await own_profile(self.domain)) if is_person else None

    @resolved(
        "Organisations the viewer belongs to, by name.",
        metadata={COST: Cost(assumed_size=MEMBERS_ASSUMED)},
    )
    async def memberships(self) -> list[Membership]:
        return [
            Membership(organisation=organisation_of(own), roles=sorted(self.domain.roles[own.id]))
            for own in await own_organisations(self.domain)
        ]

    @resolved(
        "Open invitations to the viewer's own addresses, newest first.",
        metadata={COST: Cost(assumed_size=MEMBERS_ASSUMED)},
    )
    async def invitations(self, info: Info) -> list[Invitation]:
        if self.domain.person_id is None:
            return []
        found = await own_invitations(self.domain, clock=services_of(info.context).clock)
        return [invitation_of(invitation) for invitation in found]

    @resolved(
        "The viewer's own reservations, the latest start first; none for an API key.",
        metadata={VOLATILE: True},
        extensions=[RefusalsAsErrors()],
    )
    async def reservations(
        self,
        info: Info,
        filter: ReservationsAsked = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> ReservationPage:
        # Nobody has the id 0, so an API key has none.
        whose = ReservationFilter(person_id=self.domain.person_id or 0)
        return await reservations.reservation_page(info, whose, filter, page(first, after))

    @resolved(
        "The viewer's own sessions, the latest start first; none for an API key.",
        metadata={VOLATILE: True},
        extensions=[RefusalsAsErrors()],
    )
    async def sessions(
        self, info: Info, first: First = PAGE_SIZE_DEFAULT, after: After = None
    ) -> SessionPage:
        whose = SessionFilter(person_id=self.domain.person_id or 0)
        return await sessions.session_page(info, whose, page(first, after))

    @resolved(
        "The viewer's own vehicles, oldest first; none for an API key.",
        metadata={VOLATILE: True},
    )
    async def vehicles(
        self, info: Info, first: First = PAGE_SIZE_DEFAULT, after: After = None
    ) -> Connection[Annotated["Vehicle", strawberry.lazy("schema.vehicles")]]:
        return await vehicles.vehicle_page(info, page(first, after))


@strawberry.type
class AccountQueries:
    """Root fields about accounts."""

    @resolved("Who is asking; null when nobody is signed in.")
    def viewer(self, info: Info) -> Viewer | None:
        viewer = viewer_of(info.context)
        if viewer.is_anonymous:
            return None
        return Viewer(
            valid_until=viewer.valid_until,
            scopes=sorted(viewer.scopes),
            is_api_key=viewer.api_key_id is not None,
            domain=viewer,
        )
