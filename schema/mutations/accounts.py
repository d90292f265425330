"""Verbs on one's own profile, on organisations and on API keys."""

from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.api_keys import create_api_key, list_api_keys, revoke_api_key
from parking.accounts.idempotency import Answer
from parking.accounts.organisations import create_organisation, rename_organisation
from parking.accounts.people import edit_profile, own_profile
from schema.accounts import ApiKey, Organisation, Person, api_key_of, person_of
from schema.context import Info, viewer_of
from schema.ids import global_id, wanted_key
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.refusals import VerbRefusal, known

OrganisationId: TypeAlias = Annotated[
    strawberry.ID, strawberry.argument(description="The organisation's id.")
]


@strawberry.type(description="The profile is as it was wished.")
class ProfileUpdated:
    """Outcome of `updateProfile`."""

    person: Person = strawberry.field(description="The viewer's person now.")


@strawberry.type(description="An organisation was made, with the viewer as its OPERATOR.")
class OrganisationCreated:
    """Outcome of `createOrganisation`."""

    organisation: Organisation = strawberry.field(
        description="The new organisation. What its OPERATORs see, the next request shows."
    )


@strawberry.type(description="An organisation has the name that was wished.")
class OrganisationRenamed:
    """Outcome of `renameOrganisation`."""

    organisation: Organisation = strawberry.field(description="The organisation now.")


@strawberry.type(description="An API key was made.")
class ApiKeyCreated:
    """Outcome of `createApiKey`."""

    api_key: ApiKey = strawberry.field(description="The key.")
    secret: str | None = strawberry.field(
        description="For the `Authorization: Bearer` header; it is shown once. Null when this"
        " answer was given before under the same idempotency key: revoke the key if it was lost."
    )


@strawberry.type(description="An API key does not work any more.")
class ApiKeyRevoked:
    """Outcome of `revokeApiKey`."""

    api_key: ApiKey = strawberry.field(description="The key.")


UpdateProfileResult: TypeAlias = Annotated[
    ProfileUpdated | VerbRefusal,
    strawberry.union("UpdateProfileResult", description="What `updateProfile` answers."),
]
CreateOrganisationResult: TypeAlias = Annotated[
    OrganisationCreated | VerbRefusal,
    strawberry.union("CreateOrganisationResult", description="What `createOrganisation` answers."),
]
RenameOrganisationResult: TypeAlias = Annotated[
    OrganisationRenamed | VerbRefusal,
    strawberry.union("RenameOrganisationResult", description="What `renameOrganisation` answers."),
]
CreateApiKeyResult: TypeAlias = Annotated[
    ApiKeyCreated | VerbRefusal,
    strawberry.union("CreateApiKeyResult", description="What `createApiKey` answers."),
]
RevokeApiKeyResult: TypeAlias = Annotated[
    ApiKeyRevoked | VerbRefusal,
    strawberry.union("RevokeApiKeyResult", description="What `revokeApiKey` answers."),
]


async def load_known_api_key(info: Info, organisation: int, key: int) -> ApiKey:
    """One that a verb has just made or changed."""
    listed = await list_api_keys(viewer_of(info.context), organisation)
    return api_key_of(known(next((each for each in listed if each.id == key), None)))


def organisation_answered(answer: Answer) -> Organisation:
    """The organisation kept in an answer; the viewer's roles may not know of it yet."""
    key = answer["organisation"]
    return Organisation(id=global_id("Organisation", key), name=answer["name"], key=key)


@strawberry.type
class AccountMutations:
    """Root fields."""

    @mutation("Change the viewer's own name or language; what is left out stays.")
    async def update_profile(
        self,
        info: Info,
        idempotency_key: IdempotencyKey,
        name: Annotated[
            str | None, strawberry.argument(description="At most 200 characters.")
        ] = None,
        locale: Annotated[
            str | None, strawberry.argument(description="Language of messages: `en` or `zh`.")
        ] = None,
    ) -> UpdateProfileResult:
        async def do(work: Work) -> Answer:
            await edit_profile(work.viewer, name=name, locale=locale, clock=work.clock)
            return {}

        await once(info, idempotency_key, {"name": name, "locale": locale}, do)
        return ProfileUpdated(person=person_of(await own_profile(viewer_of(info.context))))

    @mutation("Make an organisation; the viewer is its first OPERATOR.")
    async def create_organisation(
        self,
        info: Info,
        name: Annotated[str, strawberry.argument(description="1 to 200 characters.")],
        idempotency_key: IdempotencyKey,
    ) -> CreateOrganisationResult:
        async def do(work: Work) -> Answer:
            made = await create_organisation(
                work.viewer, name, clock=work.clock, standings=work.standings
            )
            return {"organisation": made.id, "name": made.name}

        done = await once(info, idempotency_key, {"name": name}, do)
        return OrganisationCreated(organisation=organisation_answered(done.answer))

    @mutation("Rename an organisation. For its OPERATORs.")
    async def rename_organisation(
        self,
        info: Info,
        organisation_id: OrganisationId,
        name: Annotated[str, strawberry.argument(description="1 to 200 characters.")],
        idempotency_key: IdempotencyKey,
    ) -> RenameOrganisationResult:
        key = wanted_key(organisation_id, "Organisation")

        async def do(work: Work) -> Answer:
            made = await rename_organisation(work.viewer, key, name, clock=work.clock)
            return {"organisation": made.id, "name": made.name}

        done = await once(info, idempotency_key, {"organisation": key, "name": name}, do)
        return OrganisationRenamed(organisation=organisation_answered(done.answer))

    @mutation("Make a key for a system of the organisation. For its OPERATORs.")
    async def create_api_key(
        self,
        info: Info,
        organisation_id: OrganisationId,
        name: Annotated[str, strawberry.argument(description="What it is for.")],
        scopes: Annotated[
            list[str],
            strawberry.argument(
                description="What it may do: `places:read`, `places:write`, `devices:read`,"
                " `devices:write`, `occupancy:read`, `rights:read`, `rights:write` (for tills: make"
                " and revoke grant codes, redeem at the gate), `orders:read`, `orders:write` (for"
                " merchants' order systems: send and follow orders)."
            ),
        ],
        idempotency_key: IdempotencyKey,
    ) -> CreateApiKeyResult:
        organisation = wanted_key(organisation_id, "Organisation")

        async def do(work: Work) -> Answer:
            made = await create_api_key(work.viewer, organisation, name, scopes, clock=work.clock)
            work.shown = made.secret
            return {"key": made.key.id}

        given = {"organisation": organisation, "name": name, "scopes": scopes}
        done = await once(info, idempotency_key, given, do)
        key = await load_known_api_key(info, organisation, done.answer["key"])
        return ApiKeyCreated(api_key=key, secret=done.shown)

    @mutation("End an API key for good. For OPERATORs of its organisation.")
    async def revoke_api_key(
        self,
        info: Info,
        api_key_id: Annotated[strawberry.ID, strawberry.argument(description="The key's id.")],
        idempotency_key: IdempotencyKey,
    ) -> RevokeApiKeyResult:
        key = wanted_key(api_key_id, "ApiKey")

        async def do(work: Work) -> Answer:
            ended = await revoke_api_key(
                work.viewer, key, clock=work.clock, standings=work.standings
            )
            return {"organisation": ended.organisation_id}

        done = await once(info, idempotency_key, {"key": key}, do)
        organisation = done.answer["organisation"]
        return ApiKeyRevoked(api_key=await load_known_api_key(info, organisation, key))
