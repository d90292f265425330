"""The matrix of notices: every list and verb of them, by every role (I11)."""

from collections.abc import Iterator

import pytest

from parking.accounts.viewer import SYSTEM
from parking.accounts.webhook_endpoints import create_webhook_endpoint
from parking.notices.kinds import NoticeTopic
from parking.notices.models import Notice, OwnNotice
from parking.notices.own import tell_person
from parking.notices.reach import Reach, Telling
from parking.storage.transactions import transaction
from schema.ids import global_id
from tests.schema.matrix_fields import PEOPLE, ROLES
from tests.schema.matrix_notices import (
    DEAD_TOLD,
    NOTES_SEEN,
    NOTHING,
    NOTICE_LISTS,
    NOTICE_VERBS,
    NOTICES_OF_ONES_OWN,
)
from tests.schema.test_matrix_fields import read_node
from tests.schema.test_matrix_money import listed
from tests.schema.test_matrix_subscriptions import first
from tests.schema.test_matrix_verbs import answer_to
from tests.schema.town import Town

REFUSED = {"NotFound", "NotPermitted", "UNAUTHENTICATED"}
TYPES = {"createWebhookEndpoint": "Organisation", "replayNotices": "DeadNotice"}


@pytest.fixture
async def told(town: Town) -> Town:
    """A town with an endpoint and a dead letter of each organisation."""
    for organisation, prefix in (("harbour", ""), ("hill", "others-")):
        key, now = town.keys[organisation], town.clock.now()
        made = await create_webhook_endpoint(
            SYSTEM, key, "https://example.com/hook", [NoticeTopic.ORDER_BOOKED], clock=town.clock,
            sealing=town.services.sealer, is_development=False,
        )  # fmt: skip
        town.know(f"{prefix}endpoint", "WebhookEndpoint", made.endpoint.id)
        dead = await Notice.create(
            key=organisation, channel="SMS", state="DEAD", recipient="+8613800138000",
            organisation_id=key, topic="PARKING_BOOKED", body="text", due_at=now, give_up_at=now,
            created_at=now, done_at=now,
        )  # fmt: skip
        town.know(f"{prefix}dead", "DeadNotice", dead.id)
    await _note(town, "note", "driver")
    await _note(town, "others-note", "stranger")
    return town


async def _note(town: Town, name: str, who: str) -> None:
    """Somebody is told something."""
    telling = Telling(
        key=name, topic=NoticeTopic.PARKING_CANCELLED, person_id=town.keys[who],
        fields={"place": "Quay", "starts": "12:00"},
    )  # fmt: skip
    async with transaction() as sql:
        await tell_person(sql, Reach(), telling, town.clock.now())
    town.know(name, "Notice", (await OwnNotice.get(key=name)).id)


def _tries(verb: str) -> Iterator[tuple[str, str, str]]:
    """Role, object, answer: all that are denied first, and one who is allowed last."""
    allowed = dict[str, tuple[str, str, str]]()
    for thing, row in NOTICE_VERBS[verb][1].items():
        for role, answer in {"anonymous": "UNAUTHENTICATED", **row}.items():
            if answer in REFUSED:
                yield role, thing, answer
            else:
                allowed[thing] = (role, thing, answer)
    yield from allowed.values()


async def test_a_verb_on_notices_is_for_those_whom_its_row_names(told: Town) -> None:
    for verb, (arguments, _) in NOTICE_VERBS.items():
        missing = global_id(TYPES.get(verb, "WebhookEndpoint"), 999_999)
        for role, thing, expected in _tries(verb):
            asked = arguments.format(id=missing if thing == NOTHING else told.ids[thing])
            assert await answer_to(told, role, verb, asked) == expected, f"{verb}: {role}, {thing}"


async def test_lists_of_notices_hold_what_the_role_may_see(told: Town) -> None:
    for query, rows in NOTICE_LISTS.items():
        for role in ROLES:
            expected = {told.ids[name] for name, readers in rows.items() if role in readers}
            assert await listed(told, role, query) == expected, f"{role}, {query}"


async def test_wishes_are_peoples_own(told: Town) -> None:
    people = set(ROLES) - {"anonymous", "key", "bare_key"}
    for verb, arguments in NOTICES_OF_ONES_OWN.items():
        for role in ROLES:
            answer = "NoticePreferenceSet" if role in people else "NotPermitted"
            expected = "UNAUTHENTICATED" if role == "anonymous" else answer
            assert await answer_to(told, role, verb, arguments) == expected, role
    for role in set(ROLES) - {"anonymous"}:
        found = await told.ask(role, "{ viewer { noticePreference { quietFrom } } }")
        wished = {"quietFrom": "22:00"} if role in people else None
        assert found["viewer"]["noticePreference"] == wished


async def test_what_somebody_was_told_is_their_own(told: Town) -> None:
    listing = "viewer {{ it: notices {{ nodes {{ id }} }} }}"
    for role in ROLES:
        own = {told.ids[name] for name, readers in NOTES_SEEN.items() if role in readers}
        if role != "anonymous":
            assert await listed(told, role, listing) == own, role
        for name in NOTES_SEEN:
            found = await read_node(told, role, told.ids[name])
            assert (found is not None) == (told.ids[name] in own), f"{role}, {name}"
        got = await first(told, role, "notices", "NoticesUpdate")
        assert got["__typename"] == ("NoticesUpdate" if role in PEOPLE else "NotFound"), role
        assert {each["id"] for each in got.get("notices", ())} == own, role


async def test_dead_letters_are_followed_by_those_who_list_them(told: Town) -> None:
    for thing, answers in DEAD_TOLD.items():
        text = told.ids.get(thing, global_id("Organisation", 999_999))
        for role in ROLES:
            asked = f'notices(organisationId: "{text}")'
            got = await first(told, role, asked, "DeadNoticesUpdate")
            assert got["__typename"] == answers.get(role, "NotFound"), f"{role}, {thing}"
