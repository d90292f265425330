"""Verbs on the members of an organisation and its invitations."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.accounts.invitations import accept_invitation, invite_member, withdraw_invitation
from parking.accounts.members import add_role, remove_member
from parking.accounts.models import Role
from parking.accounts.texts import LOCALE_DEFAULT
from schema.accounts import Invitation
from schema.context import Info, services_of
from schema.ids import global_id, wanted_key
from schema.mutations.accounts import OrganisationId
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.refusals import Declined, TooManyTries, VerbRefusal

PersonId: TypeAlias = Annotated[strawberry.ID, strawberry.argument(description="The member's id.")]
InvitationId: TypeAlias = Annotated[
    strawberry.ID, strawberry.argument(description="The invitation's id.")
]


@strawberry.type(description="Somebody is invited, and was told so.")
class MemberInvited:
    """Outcome of `inviteMember`."""

    invitation: Invitation = strawberry.field(description="The invitation.")


@strawberry.type(description="An invitation was taken back.")
class InvitationWithdrawn:
    """Outcome of `withdrawInvitation`."""

    invitation_id: strawberry.ID = strawberry.field(description="The invitation's id.")


@strawberry.type(description="The viewer took up an invitation.")
class InvitationAccepted:
    """Outcome of `acceptInvitation`."""

    organisation_id: strawberry.ID = strawberry.field(description="The organisation's id.")
    roles: list[Role] = strawberry.field(description="The roles the viewer then held there.")


@strawberry.type(description="A member has one more role.")
class RoleAdded:
    """Outcome of `addRole`."""

    organisation_id: strawberry.ID = strawberry.field(description="The organisation's id.")
    person_id: strawberry.ID = strawberry.field(description="The member's id.")
    roles: list[Role] = strawberry.field(description="The roles they then held there.")


@strawberry.type(description="Somebody lost a role, or left the organisation.")
class MemberRemoved:
    """Outcome of `removeMember`."""

    organisation_id: strawberry.ID = strawberry.field(description="The organisation's id.")
    person_id: strawberry.ID = strawberry.field(description="The person's id.")


InviteMemberResult: TypeAlias = Annotated[
    MemberInvited | VerbRefusal | TooManyTries | Declined,
    strawberry.union("InviteMemberResult", description="What `inviteMember` answers."),
]
WithdrawInvitationResult: TypeAlias = Annotated[
    InvitationWithdrawn | VerbRefusal,
    strawberry.union("WithdrawInvitationResult", description="What `withdrawInvitation` answers."),
]
AcceptInvitationResult: TypeAlias = Annotated[
    InvitationAccepted | VerbRefusal,
    strawberry.union("AcceptInvitationResult", description="What `acceptInvitation` answers."),
]
AddRoleResult: TypeAlias = Annotated[
    RoleAdded | VerbRefusal,
    strawberry.union("AddRoleResult", description="What `addRole` answers."),
]
RemoveMemberResult: TypeAlias = Annotated[
    MemberRemoved | VerbRefusal,
    strawberry.union("RemoveMemberResult", description="What `removeMember` answers."),
]


class HeldChannel:
    """Keeps messages to people until the commit: sending one takes time, and cannot be undone."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, str, str]] = []

    async def send(self, to: str, subject: str, text: str) -> None:
        """Keep the message."""
        self.messages.append((to, subject, text))


def invitation_answered(answer: Answer) -> Invitation:
    """The invitation kept in an answer."""
    return Invitation(
        id=global_id("Invitation", answer["id"]),
        organisation_id=global_id("Organisation", answer["organisation_id"]),
        organisation_name=answer["organisation_name"],
        address=answer["address"],
        role=Role(answer["role"]),
        created_at=datetime.fromisoformat(answer["created_at"]),
        expires_at=datetime.fromisoformat(answer["expires_at"]),
    )


def roles_answered(answer: Answer) -> list[Role]:
    """The roles kept in an answer."""
    return [Role(word) for word in answer["roles"]]


@strawberry.type
class MemberMutations:
    """Root fields."""

    @mutation(
        "Offer a role to whoever proves an address, and tell them. For OPERATORs. Declined:"
        " NOTICE_NOT_SENT, and the invitation stands all the same."
    )
    async def invite_member(
        self,
        info: Info,
        organisation_id: OrganisationId,
        address: Annotated[
            str, strawberry.argument(description="A phone number (E.164) or e-mail address.")
        ],
        role: Annotated[Role, strawberry.argument(description="The role offered.")],
        idempotency_key: IdempotencyKey,
        locale: Annotated[
            str, strawberry.argument(description="Language of the message: `en` or `zh`.")
        ] = LOCALE_DEFAULT,
    ) -> InviteMemberResult:
        key = wanted_key(organisation_id, "Organisation")

        async def do(work: Work) -> Answer:
            channel = HeldChannel()
            made = await invite_member(
                work.viewer, key, address, role,
                clock=work.clock, keys=work.services.keys, channel=channel, locale=locale,
            )  # fmt: skip
            work.shown = channel.messages
            return asdict(made)

        given = {"organisation": key, "address": address, "role": role, "locale": locale}
        done = await once(info, idempotency_key, given, do)
        for message in done.shown or ():
            await services_of(info.context).channel.send(*message)
        return MemberInvited(invitation=invitation_answered(done.answer))

    @mutation("Take an open invitation back. For OPERATORs of its organisation.")
    async def withdraw_invitation(
        self, info: Info, invitation_id: InvitationId, idempotency_key: IdempotencyKey
    ) -> WithdrawInvitationResult:
        key = wanted_key(invitation_id, "Invitation")

        async def do(work: Work) -> Answer:
            await withdraw_invitation(work.viewer, key, clock=work.clock)
            return {}

        await once(info, idempotency_key, {"invitation": key}, do)
        return InvitationWithdrawn(invitation_id=global_id("Invitation", key))

    @mutation("Take up an invitation to one of the viewer's own addresses.")
    async def accept_invitation(
        self, info: Info, invitation_id: InvitationId, idempotency_key: IdempotencyKey
    ) -> AcceptInvitationResult:
        key = wanted_key(invitation_id, "Invitation")

        async def do(work: Work) -> Answer:
            member = await accept_invitation(
                work.viewer, key, clock=work.clock, standings=work.standings
            )
            return {"organisation": member.organisation_id, "roles": member.roles}

        done = await once(info, idempotency_key, {"invitation": key}, do)
        organisation_id = global_id("Organisation", done.answer["organisation"])
        return InvitationAccepted(
            organisation_id=organisation_id, roles=roles_answered(done.answer)
        )

    @mutation("Give a member one more role. For OPERATORs of the organisation.")
    async def add_role(
        self,
        info: Info,
        organisation_id: OrganisationId,
        person_id: PersonId,
        role: Annotated[Role, strawberry.argument(description="The role.")],
        idempotency_key: IdempotencyKey,
    ) -> AddRoleResult:
        organisation = wanted_key(organisation_id, "Organisation")
        person = wanted_key(person_id, "Person")

        async def do(work: Work) -> Answer:
            member = await add_role(
                work.viewer, organisation, person, role, clock=work.clock, standings=work.standings
            )
            return {"roles": member.roles}

        given = {"organisation": organisation, "person": person, "role": role}
        done = await once(info, idempotency_key, given, do)
        return RoleAdded(
            organisation_id=global_id("Organisation", organisation),
            person_id=global_id("Person", person),
            roles=roles_answered(done.answer),
        )

    @mutation("Take a role from a member, or all. For OPERATORs, and for members who leave.")
    async def remove_member(
        self,
        info: Info,
        organisation_id: OrganisationId,
        person_id: PersonId,
        idempotency_key: IdempotencyKey,
        role: Annotated[
            Role | None, strawberry.argument(description="The role; null: every role.")
        ] = None,
    ) -> RemoveMemberResult:
        organisation = wanted_key(organisation_id, "Organisation")
        person = wanted_key(person_id, "Person")

        async def do(work: Work) -> Answer:
            await remove_member(
                work.viewer, organisation, person, role, clock=work.clock, standings=work.standings
            )
            return {}

        given = {"organisation": organisation, "person": person, "role": role}
        await once(info, idempotency_key, given, do)
        return MemberRemoved(
            organisation_id=global_id("Organisation", organisation),
            person_id=global_id("Person", person),
        )
