"""Organisations, members, invitations and API keys through the schema."""

from typing import Any

import pytest

from parking.accounts.authenticate import Gate
from parking.errors import Unauthenticated
from parking.notices.channel import NoticeNotSent
from parking.notices.inbox import inbox_messages
from tests.schema.test_verbs import do
from tests.schema.town import Town

INVITE = 'inviteMember(organisationId: "{harbour}", address: "driver@example.org", role: MERCHANT'
INVITED = "... on MemberInvited { invitation { id address role } }"
STAFF = """query ($id: ID!) { node(id: $id) { ... on Organisation {
  members { name roles } invitations { address } apiKeys { name hint scopes revokedAt } } } }"""


async def staff(town: Town) -> dict[str, Any]:
    """The harbour's people and keys, as its operator sees them."""
    found: dict[str, Any] = (await town.ask("operator", STAFF, id=town.ids["harbour"]))["node"]
    return found


async def test_an_invitation_is_accepted_by_whom_it_is_for(town: Town) -> None:
    invited = await do(town, INVITE, INVITED)
    town.ids["invitation"] = invited["invitation"]["id"]
    assert (await staff(town))["invitations"] == [{"address": "driver@example.org"}]
    accept = 'acceptInvitation(invitationId: "{invitation}"'
    assert (await do(town, accept, who="stranger"))["code"] == "NOT_FOUND"
    joined = await do(town, accept, "... on InvitationAccepted { roles }", "driver")
    assert joined["roles"] == ["MERCHANT"]
    assert {"name": "driver", "roles": ["MERCHANT"]} in (await staff(town))["members"]


async def test_the_invited_are_told_once_though_the_request_is_repeated(town: Town) -> None:
    query = f'mutation {{ {INVITE.format(**town.ids)}, idempotencyKey: "k") {{ __typename }} }}'
    for _ in range(2):
        assert (await town.ask("operator", query))["inviteMember"]["__typename"] == "MemberInvited"
    assert len(await inbox_messages("driver@example.org")) == 1


async def test_an_invitation_stands_though_its_message_was_not_sent(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: str) -> None:
        raise NoticeNotSent("the mail server is down; try again")

    monkeypatch.setattr(town.services.channel, "send", broken)
    assert (await do(town, INVITE))["code"] == "NOTICE_NOT_SENT"
    assert len((await staff(town))["invitations"]) == 1


async def test_withdrawing_is_for_operators_of_the_organisation(town: Town) -> None:
    town.ids["invitation"] = (await do(town, INVITE, INVITED))["invitation"]["id"]
    withdraw = 'withdrawInvitation(invitationId: "{invitation}"'
    answers = {
        who: (await do(town, withdraw, who=who))["__typename"]
        for who in ("driver", "stranger", "attendant", "key", "operator")
    }
    assert answers == {
        "driver": "NotFound", "stranger": "NotFound", "attendant": "NotPermitted",
        "key": "NotPermitted", "operator": "InvitationWithdrawn",
    }  # fmt: skip


ADD = 'addRole(organisationId: "{harbour}", personId: "{attendant}", role: OWNER'
REMOVE = 'removeMember(organisationId: "{harbour}", personId: "{attendant}"'


@pytest.mark.parametrize(("call", "outcome"), [(ADD, "RoleAdded"), (REMOVE, "MemberRemoved")])
async def test_members_are_the_operators_business(town: Town, call: str, outcome: str) -> None:
    answers = {
        who: (await do(town, call, who=who))["__typename"]
        for who in ("driver", "stranger", "key", "operator")
    }
    assert answers == {
        "driver": "NotFound", "stranger": "NotFound", "key": "NotPermitted", "operator": outcome,
    }  # fmt: skip


@pytest.mark.parametrize("person", ["driver", "stranger", "garage"])
async def test_who_is_no_member_is_not_found(town: Town, person: str) -> None:
    """The operator cannot learn who exists."""
    for call in (ADD, REMOVE):
        refused = await do(town, call.replace("{attendant}", f"{{{person}}}"))
        assert refused["code"] == "NOT_FOUND"


async def test_nobody_gives_the_role_that_is_the_platforms(town: Town) -> None:
    """An operator could otherwise decide disputes about their own money."""
    for call in (INVITE.replace("MERCHANT", "PLATFORM"), ADD.replace("OWNER", "PLATFORM")):
        refused = await do(town, call)
        assert (refused["__typename"], refused["code"]) == ("NotPermitted", "ROLE_RESERVED")


async def test_a_member_may_leave_but_not_the_last_operator(town: Town) -> None:
    left = await do(town, REMOVE, who="attendant")
    assert left["__typename"] == "MemberRemoved"
    refused = await do(town, REMOVE.replace("{attendant}", "{operator}"))
    assert (refused["__typename"], refused["code"]) == ("Conflict", "LAST_OPERATOR")


async def test_a_new_organisation_is_its_makers(town: Town) -> None:
    told = "... on OrganisationCreated { organisation { id name } }"
    made = await do(town, 'createOrganisation(name: "Quayside"', told, "driver")
    assert made["organisation"]["name"] == "Quayside"
    standing = await town.services.standings.of_person(town.keys["driver"])
    assert standing is not None
    assert [sorted(roles) for roles in standing.roles.values()] == [["OPERATOR"]]


async def test_a_key_works_until_it_is_revoked(town: Town) -> None:
    created = 'createApiKey(organisationId: "{harbour}", name: "till", scopes: ["places:read"]'
    made = await do(town, created, "... on ApiKeyCreated { secret apiKey { id name scopes } }")
    assert (made["apiKey"]["name"], made["apiKey"]["scopes"]) == ("till", ["places:read"])
    gate = Gate(town.services.keys, town.clock, town.services.standings)
    viewer = await gate.authenticate(made["secret"])
    assert viewer.scopes == {"places:read"}
    town.ids["till"] = made["apiKey"]["id"]
    for who, code in (("stranger", "NOT_FOUND"), ("attendant", "NOT_PERMITTED")):
        assert (await do(town, 'revokeApiKey(apiKeyId: "{till}"', who=who))["code"] == code
    told = "... on ApiKeyRevoked { apiKey { revokedAt } }"
    revoked = await do(town, 'revokeApiKey(apiKeyId: "{till}"', told)
    assert revoked["apiKey"]["revokedAt"] == "2026-01-05T08:00:00Z"
    with pytest.raises(Unauthenticated):
        await gate.authenticate(made["secret"])


async def test_renaming_oneself_shows_at_once(town: Town) -> None:
    told = "... on ProfileUpdated { person { name locale } }"
    changed = await do(town, 'updateProfile(name: "Ada", locale: "zh-CN"', told, "driver")
    assert changed["person"] == {"name": "Ada", "locale": "zh"}
