"""A booking by its link: what the holder sees and may do, and nobody without it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from parking.accounts.attempts import Limit
from parking.accounts.idempotency import Answer, idempotent
from parking.accounts.viewer import Viewer
from parking.clock import TestClock, rfc3339
from parking.devices.models import Device, DeviceHealth, DeviceKind
from parking.occupancy.models import SpaceState
from parking.places.models import Place, Space, Subplace, SubplaceKind
from parking.reservations.attempts import CODES_PER_BOOKING, VERBS_PER_LINK
from parking.reservations.confirm import confirm
from parking.reservations.links import link_token, renew_link
from parking.reservations.models import Reservation
from parking.reservations.quote import Request
from parking.reservations.record import locked_reservation
from parking.reservations.reserve import For, reserve_space
from parking.reservations.taking import was_taken
from parking.reservations.terms import terms_of
from parking.storage.sql import database
from schema.ids import global_id
from schema.mutations import booking_links as verbs
from tests.schema.matrix_fields import ROLES
from tests.schema.matrix_verbs import BY_LINK
from tests.schema.town import LossyBus, Town
from tests.support.leasing import Lease, hours, make_lease

SEE = """query ($t: String!) { bookingByLink(token: $t) {
  state version endsAt plate guestName price { amountMinor currency } lines { amountMinor }
  refund { amountMinor } refundIfCancelled { amountMinor } mayExtend mayCancel mayMoveLock hasKey
  hasReader opensAt isOpen place { name timeZone address } space { number level lock }
  bays { number isYours } accesses { outcome } agreement { version digest } } }"""
VERBS: Mapping[str, str] = {
    "quoteExtensionByLink": "$k: String!, $endsAt: DateTime! | endsAt: $endsAt"
    " | ... on ExtensionQuotedByLink { quoteId endsAt expiresAt price { amountMinor } }",
    "extendByLink": "$k: String!, $quoteId: ID! | quoteId: $quoteId"
    " | ... on ExtendedByLink { booking { endsAt price { amountMinor } agreement { version } } }",
    "confirmByLink": "$k: String! |  | ... on ConfirmedByLink { booking { state mayConfirm } }",
    "cancelByLink": "$k: String! | "
    " | ... on CancelledByLink { booking { state refund { amountMinor } } }",
    "renewKeyByLink": "$k: String! | | ... on KeyRenewedByLink { number }",
    "moveLockByLink": "$k: String! | target: LOWERED"
    " | ... on LockOrderedByLink { booking { state } }",
    "arriveByLink": "$k: String! | | ... on ArrivedByLink { outcome booking { state } }",
    "eraseGuestByLink": "$k: String! | | ... on GuestErasedByLink { booking { state } }",
    "refreshQrByLink": "$k: String! | | ... on QrRefreshedByLink { text svg expiresAt }",
}
LIVE = """subscription ($t: String!) { bookingByLink(token: $t) {
  ... on BookingLinkUpdate { version state } ... on Refusal { code } } }"""


@dataclass
class Held:
    """A confirmed booking from one to three hours from now, and its link."""

    town: Town
    lease: Lease
    reservation_id: int

    @property
    def token(self) -> str:
        """The present link's."""
        return link_token(self.town.services.keys.links[0], self.reservation_id, 1)

    async def see(self, token: str | None = None) -> Any:
        """The booking as whoever is not signed in sees it."""
        found = await self.town.ask("anonymous", SEE, t=self.token if token is None else token)
        return found["bookingByLink"]

    async def do(self, verb: str, token: str | None = None, **given: Any) -> dict[str, Any]:
        """Take a verb by the link."""
        return await do(self.town, "anonymous", verb, token or self.token, **given)


async def do(town: Town, who: str, verb: str, token: str, **given: Any) -> dict[str, Any]:
    """Take a verb by a link, signed in or not."""
    declared, arguments, outcome = VERBS[verb].split("|")
    inner = f"token: $t, idempotencyKey: $k {', ' + arguments if arguments.strip() else ''}"
    query = (
        f"mutation ($t: String!, {declared}) {{ it: {verb}({inner})"
        f" {{ __typename {outcome} ... on Refusal {{ code }} }} }}"
    )
    variables = {"t": token, "k": town.fresh_key(), **given}
    answer: dict[str, Any] = (await town.ask(who, query, **variables))["it"]
    return answer


async def book(town: Town, lease: Lease, driver: Viewer, space: int = 0, begin: float = 1) -> int:
    """A confirmed booking of a space, for two hours."""
    window = hours(town.clock.now(), begin, begin + 2)
    request = Request(lease.listing_id, lease.estate.space_ids[space], window, "S-AB 12")
    made = await reserve_space(
        driver, request, For(guest_name="Tante Erna"), clock=town.clock, bus=town.bus
    )
    await confirm(driver, made, clock=town.clock, bus=town.bus)
    return made


async def bring(held: Held) -> None:
    """As if somebody else had booked it for the driver, and paid."""
    booked = await locked_reservation(database(), held.reservation_id)
    brought = terms_of(booked.terms).of_brought_guest.text()
    await Reservation.filter(id=held.reservation_id).update(terms=brought)


async def is_taken(held: Held) -> bool:
    """Whether the booking is its driver's own."""
    sql = database()
    return await was_taken(sql, await locked_reservation(sql, held.reservation_id))


@pytest.fixture
async def held(town: Town) -> Held:
    lease = await make_lease()
    return Held(town, lease, await book(town, lease, lease.driver))


async def test_the_holder_sees_the_booking_without_signing_in(held: Held) -> None:
    seen = await held.see()
    assert (seen["state"], seen["guestName"]) == ("CONFIRMED", "Tante Erna")
    assert seen["price"] == {"amountMinor": 400, "currency": "EUR"}
    assert sum(line["amountMinor"] for line in seen["lines"]) == 400
    assert seen["refundIfCancelled"] == {"amountMinor": 400}
    assert [bay["isYours"] for bay in seen["bays"]] == [True, False, False]
    assert (seen["mayExtend"], seen["mayCancel"], seen["hasKey"]) == (True, True, False)
    assert seen["agreement"]["version"] == 1


async def test_a_place_that_is_shown_to_nobody_is_shown_to_the_holder(held: Held) -> None:
    await Place.filter(id=held.lease.estate.place_id).update(is_public=False)
    assert (await held.see())["place"]["name"] == "Harbour garage"


async def test_a_bay_lies_on_its_level(held: Held) -> None:
    place_id, ids = held.lease.estate.place_id, held.lease.estate.space_ids
    level = await Subplace.create(
        place_id=place_id, kind=SubplaceKind.FLOOR_OR_LEVEL, name="Cellar", level=-1
    )
    row = await Subplace.create(place_id=place_id, kind=SubplaceKind.ROW, name="A", level=-1)
    await Space.filter(id__in=ids[:2]).update(subplace_id=row.id)
    assert level.id
    seen = await held.see()
    assert seen["space"]["level"] == "Cellar"
    assert [bay["number"] for bay in seen["bays"]] == ["A-01", "A-02"]


async def test_another_token_finds_nothing(held: Held) -> None:
    token = held.token
    flipped = token[:-1] + ("a" if token[-1] != "a" else "b")
    for wrong in (flipped, token[:-1], token + "a", token.upper() + "=", "x" * 40, "停" * 40, "-"):
        assert await held.see(wrong) is None
        assert (await held.do("cancelByLink", wrong))["code"] == "NOT_FOUND"
    assert await held.see("") is None


async def test_a_booking_outlives_its_bay_and_its_place(held: Held) -> None:
    await held.do("cancelByLink")
    now = held.town.clock.now()
    await Space.filter(id=held.lease.space_id).update(retired_at=now)
    await SpaceState.filter(space_id=held.lease.space_id).delete()
    await Place.filter(id=held.lease.estate.place_id).update(retired_at=now)
    seen = await held.see()
    assert (seen["state"], seen["space"]["number"]) == ("CANCELLED", "A-01")
    assert seen["space"]["lock"] == "UNKNOWN"


async def test_a_renewed_link_is_the_only_one(held: Held) -> None:
    await renew_link(
        held.lease.driver, held.reservation_id, clock=held.town.clock, bus=held.town.bus
    )
    assert await held.see() is None
    fresh = link_token(held.town.services.keys.links[0], held.reservation_id, 2)
    assert (await held.see(fresh))["state"] == "CONFIRMED"


async def test_no_role_does_anything_with_a_false_token(held: Held) -> None:
    given = {"endsAt": rfc3339(held.town.clock.now()), "quoteId": "x"}
    for verb in sorted(BY_LINK):
        values = {name: value for name, value in given.items() if name in VERBS[verb]}
        for role in ROLES:
            answer = await do(held.town, role, verb, "x" * 40, **values)
            assert answer["code"] == "NOT_FOUND", f"{verb} by {role}"


def test_every_verb_by_link_is_tried() -> None:
    assert set(VERBS) == BY_LINK


async def test_extending_is_quoted_then_done(held: Held) -> None:
    until = held.town.clock.now() + timedelta(hours=4)
    quoted = await held.do("quoteExtensionByLink", endsAt=rfc3339(until))
    assert quoted["price"] == {"amountMinor": 200}
    extended = await held.do("extendByLink", quoteId=quoted["quoteId"])
    assert extended["booking"]["endsAt"] == rfc3339(until)
    assert extended["booking"]["price"] == {"amountMinor": 600}
    assert extended["booking"]["agreement"] == {"version": 2}


async def test_a_quote_of_another_booking_is_none_of_this_one(held: Held) -> None:
    """The same driver has two bookings: the link of one gives no right to the other."""
    other = Held(held.town, held.lease, await book(held.town, held.lease, held.lease.driver, 1))
    until = rfc3339(held.town.clock.now() + timedelta(hours=4))
    quoted = await other.do("quoteExtensionByLink", endsAt=until)
    assert (await held.do("extendByLink", quoteId=quoted["quoteId"]))["code"] == "NOT_FOUND"
    assert (await other.see())["endsAt"] == rfc3339(held.town.clock.now() + timedelta(hours=3))


async def test_an_extension_into_the_next_booking_is_refused(held: Held, clock: TestClock) -> None:
    lease = held.lease
    request = Request(lease.listing_id, lease.space_id, hours(clock.now(), 3, 5))
    await reserve_space(lease.other, request, clock=clock, bus=held.town.bus)
    until = rfc3339(clock.now() + timedelta(hours=4))
    answer = await held.do("quoteExtensionByLink", endsAt=until)
    assert answer == {"__typename": "WindowTaken", "code": "WINDOW_TAKEN"}


async def test_who_is_there_says_so_when_the_time_has_come(held: Held, clock: TestClock) -> None:
    assert (await held.do("arriveByLink", k="a"))["outcome"] == "EARLY"
    clock.advance(minutes=50)
    assert (await held.do("arriveByLink", k="a"))["outcome"] == "EARLY"
    assert (await held.do("arriveByLink", k="b"))["outcome"] == "OPEN"


async def test_a_booking_of_no_order_has_no_guest_to_erase(held: Held) -> None:
    assert (await held.do("eraseGuestByLink"))["code"] == "NOT_FOUND"


async def test_a_link_that_is_lent_opens_the_bay_and_spends_nothing(
    held: Held, clock: TestClock
) -> None:
    """A merchant is told a link of whomever it sends an order for, known to the platform or not."""
    key = held.town.services.keys.links[0]
    lent = link_token(key, held.reservation_id, 1, is_lent=True)
    later = rfc3339(clock.now() + timedelta(hours=4))
    quote = (await held.do("quoteExtensionByLink", endsAt=later))["quoteId"]
    seen = await held.see(lent)
    assert (seen["state"], seen["mayExtend"], seen["mayCancel"]) == ("CONFIRMED", False, False)
    for verb, given in (
        ("quoteExtensionByLink", {"endsAt": later}),
        ("extendByLink", {"quoteId": quote}),
        ("confirmByLink", {}),
        ("cancelByLink", {}),
    ):
        assert (await held.do(verb, lent, **given))["code"] == "NOT_PERMITTED", verb
    assert (await held.do("extendByLink", quoteId=quote))["booking"]["price"]["amountMinor"] > 400
    clock.advance(minutes=50)
    assert (await held.do("arriveByLink", lent))["outcome"] == "OPEN"


@pytest.mark.parametrize("verb", ["arriveByLink", "refreshQrByLink", "renewKeyByLink"])
async def test_a_booking_that_was_brought_is_taken_by_its_drivers_own_link(
    held: Held, clock: TestClock, verb: str
) -> None:
    key = held.town.services.keys.links[0]
    await bring(held)
    clock.advance(minutes=50)
    lent = link_token(key, held.reservation_id, 1, is_lent=True)
    assert "code" not in await held.do(verb, lent)
    await held.see()
    assert not await is_taken(held)
    assert "code" not in await held.do(verb)
    assert await is_taken(held)


@pytest.mark.parametrize("verb", ["refreshQr", "rotateKey"])
async def test_a_booking_that_was_brought_is_taken_by_who_signs_in(held: Held, verb: str) -> None:
    await bring(held)
    ask = f"""mutation ($id: ID!, $k: String!) {{
      it: {verb}(reservationId: $id, idempotencyKey: $k) {{ ... on Refusal {{ code }} }} }}"""
    found = {"id": global_id("Reservation", held.reservation_id)}
    held.town.viewers["guest"] = held.lease.driver
    for who, takes in (("operator", False), ("guest", True)):
        answer = await held.town.ask(who, ask, k=held.town.fresh_key(), **found)
        assert (answer["it"] == {}) == takes
        assert await is_taken(held) == takes


async def test_a_hold_is_confirmed_before_it_lapses(held: Held, clock: TestClock) -> None:
    lease, bus = held.lease, held.town.bus
    made = [
        await reserve_space(
            lease.driver,
            Request(lease.listing_id, lease.estate.space_ids[space], hours(clock.now(), 1, 2)),
            clock=clock,
            bus=bus,
        )
        for space in (1, 2)
    ]
    first, late = [replace(held, reservation_id=each) for each in made]
    confirmed = await first.do("confirmByLink", k="same")
    assert confirmed["booking"] == {"state": "CONFIRMED", "mayConfirm": False}
    assert (await first.do("confirmByLink", k="same"))["booking"]["state"] == "CONFIRMED"
    assert (await held.do("confirmByLink"))["code"] == "WRONG_STATE"
    clock.advance(minutes=30)
    assert (await late.do("confirmByLink"))["code"] == "HOLD_EXPIRED"


async def test_cancelling_gives_back_what_was_shown(held: Held) -> None:
    cancelled = await held.do("cancelByLink")
    assert cancelled["booking"] == {"state": "CANCELLED", "refund": {"amountMinor": 400}}
    seen = await held.see()
    assert (seen["mayCancel"], seen["refundIfCancelled"]) == (False, None)
    assert (await held.do("cancelByLink"))["code"] == "WRONG_STATE"


async def test_a_key_number_is_shown_once(held: Held) -> None:
    first = await held.do("renewKeyByLink", k="same")
    assert len(first["number"]) == 6
    assert (await held.do("renewKeyByLink", k="same"))["number"] is None
    assert (await held.see())["hasKey"]


async def test_a_code_is_the_same_for_the_same_key_and_another_for_another(held: Held) -> None:
    first = await held.do("refreshQrByLink", k="one")
    assert first["svg"].startswith("<")
    assert await held.do("refreshQrByLink", k="one") == first
    assert (await held.do("refreshQrByLink", k="two"))["text"] != first["text"]


async def test_the_links_keys_are_not_its_drivers(held: Held) -> None:
    async def answer() -> Answer:
        return {"qr": 7}

    given = {"reservation": held.reservation_id}
    driver, clock = held.lease.driver, held.town.clock
    await idempotent(driver, "mine", "refreshQrByLink", given, answer, clock=clock)
    assert (await held.do("refreshQrByLink", k="mine"))["text"]
    assert (await held.do("renewKeyByLink", k="theirs"))["number"]
    assert await idempotent(driver, "theirs", "reserve", {}, answer, clock=clock) == {"qr": 7}


async def test_so_many_codes_and_verbs_and_no_more(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    def few(limit: Limit) -> Limit:
        return replace(limit, count_max=2)

    monkeypatch.setattr(verbs, "CODES_PER_BOOKING", few(CODES_PER_BOOKING))
    monkeypatch.setattr(verbs, "VERBS_PER_LINK", few(VERBS_PER_LINK))
    for verb in ("refreshQrByLink", "moveLockByLink"):
        said = [(await held.do(verb)).get("code") for _ in range(3)]
        assert said[2] == "TOO_MANY_TRIES" not in said[:2]
    assert (await held.do("cancelByLink"))["code"] == "TOO_MANY_TRIES"
    held.town.clock.advance(minutes=5)
    assert (await held.do("cancelByLink"))["booking"]["state"] == "CANCELLED"


async def test_it_is_open_from_its_early_margin_to_its_end(held: Held) -> None:
    async def opens() -> bool:
        return bool((await held.see())["isOpen"])

    assert not await opens()
    held.town.clock.advance(minutes=45)
    assert await opens()
    held.town.clock.advance(hours=3)
    assert not await opens()


async def test_the_lock_moves_only_while_this_booking_holds(held: Held) -> None:
    """Another booking of the same driver, of the same bay, is no right of this link's."""
    await Device.create(
        endpoint="lock", kind=DeviceKind.LOCK, place_id=held.lease.estate.place_id,
        space_id=held.lease.space_id, created_at=held.town.clock.now(),
    )  # fmt: skip
    assert (await held.do("moveLockByLink"))["code"] == "NO_CLAIM"
    held.town.clock.advance(minutes=50)
    assert not (await held.see())["mayMoveLock"]
    [lock] = await Device.filter(kind=DeviceKind.LOCK)
    await DeviceHealth.create(device_id=lock.id)
    assert (await held.see())["mayMoveLock"]
    assert (await held.do("moveLockByLink"))["booking"] == {"state": "CONFIRMED"}
    next_one = await book(held.town, held.lease, held.lease.driver, begin=2.5)
    assert next_one
    held.town.clock.advance(hours=2, minutes=30)
    assert (await held.do("moveLockByLink"))["code"] == "NO_CLAIM"


async def test_a_reader_at_the_bay_or_at_the_entrance_counts(held: Held) -> None:
    place_id, ids = held.lease.estate.place_id, held.lease.estate.space_ids

    async def reader(space_id: int | None) -> bool:
        await Device.create(
            endpoint=f"reader-{space_id}", kind=DeviceKind.READER, place_id=place_id,
            space_id=space_id, created_at=held.town.clock.now(),
        )  # fmt: skip
        return bool((await held.see())["hasReader"])

    assert not await reader(ids[1])
    assert await reader(None)


async def test_the_holder_is_told_of_each_step(held: Held) -> None:
    results = await held.town.subscribe("anonymous", LIVE, t=held.token)
    assert (await anext(results)).data["bookingByLink"] == {"version": 2, "state": "CONFIRMED"}
    await held.do("cancelByLink")
    assert (await anext(results)).data["bookingByLink"] == {"version": 3, "state": "CANCELLED"}
    await results.aclose()


async def test_a_renewed_link_is_told_of_nothing_more(held: Held) -> None:
    results = await held.town.subscribe("anonymous", LIVE, t=held.token)
    await anext(results)
    await renew_link(
        held.lease.driver, held.reservation_id, clock=held.town.clock, bus=held.town.bus
    )
    with pytest.raises(StopAsyncIteration):
        await anext(results)


async def test_a_false_link_is_told_that_there_is_nothing(held: Held) -> None:
    results = await held.town.subscribe("driver", LIVE, t="x" * 40)
    assert (await anext(results)).data["bookingByLink"] == {"code": "NOT_FOUND"}
    assert isinstance(held.town.bus, LossyBus)
