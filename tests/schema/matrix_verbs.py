"""Who does what: one row for every mutation of the printed schema.

A mutation that is in no row fails `test_matrix_verbs`. For each role and object a verb answers:
UNAUTHENTICATED to nobody, NotFound to who may not see the object, NotPermitted to who sees it
without the right to the verb, and its outcome to the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.schema.matrix_fields import HARBOUR_MEMBERS, HARBOUR_STAFF, HILL, SEEN_BY

NOTHING = "nothing"

PLACES = ("garage", "yard", "hilltop", NOTHING)
SPACES = ("garage-1", "yard-1", "hilltop-1", NOTHING)
LEVELS = ("garage-level", "yard-level", "hilltop-level", NOTHING)
CAMPUSES = ("quay", "ridge", NOTHING)
DEVICES = ("garage-device", "yard-device", "hilltop-device", NOTHING)
RATE_TABLES = ("harbour-rates", "hill-rates", NOTHING)
LISTINGS = ("garage-listing", "yard-listing", "garage-draft", "hilltop-draft", NOTHING)
TITLES = ("garage-title", "hilltop-title", NOTHING)
ORGANISATIONS = ("harbour", "hill", NOTHING)

OPERATING = {"operator", "key"}
MANAGING = {"operator"}

DEVICES_OF = {
    "garage": HARBOUR_STAFF, "yard": HARBOUR_STAFF, "hilltop": HILL,
    "garage-device": HARBOUR_STAFF, "yard-device": HARBOUR_STAFF, "hilltop-device": HILL,
}  # fmt: skip
"""Who may see the devices of these."""
PLACES_OF = {"harbour": HARBOUR_STAFF, "hill": HILL, "quay": HARBOUR_STAFF, "ridge": HILL}
"""Who may see the private places of these organisations and campuses."""


@dataclass(frozen=True)
class Verb:
    """A mutation: its arguments with `{id}` for the object's, and what it answers to whom.

    `allowed` are the harbour's people who may; the stranger may everything in the hill's. `seen`
    says who may know of the object, where that is not who may read it.
    """

    arguments: str
    objects: tuple[str, ...]
    outcome: str
    allowed: set[str]
    seen: Mapping[str, set[str]] = field(default_factory=lambda: SEEN_BY)

    def answer(self, role: str, thing: str) -> str:
        """The type of the answer, or the code of the error."""
        if role == "anonymous":
            return "UNAUTHENTICATED"
        if thing == NOTHING or role not in self.seen[thing]:
            return "NotFound"
        is_own = role == "stranger" or role in HARBOUR_MEMBERS
        of_hill = "stranger" in self.seen[thing] and "operator" not in self.seen[thing]
        may = role == "stranger" if of_hill else role in self.allowed
        return self.outcome if is_own and may else "NotPermitted"


VERBS: dict[str, Verb] = {
    "renameOrganisation": Verb(
        'organisationId: "{id}", name: "New"', ORGANISATIONS, "OrganisationRenamed", MANAGING
    ),
    "createApiKey": Verb(
        'organisationId: "{id}", name: "till", scopes: ["places:read"]',
        ORGANISATIONS, "ApiKeyCreated", MANAGING,
    ),
    "inviteMember": Verb(
        'organisationId: "{id}", address: "new@example.org", role: ATTENDANT',
        ORGANISATIONS, "MemberInvited", MANAGING,
    ),
    "createCampus": Verb(
        'organisationId: "{id}", name: "New"', ORGANISATIONS, "CampusCreated", OPERATING, PLACES_OF
    ),
    "createRateTable": Verb(
        'input: {{organisationId: "{id}", name: "New", document: "{{\\"currency\\": \\"EUR\\",'
        ' \\"passes\\": [{{\\"id\\": \\"day\\", \\"days\\": 1, \\"amountMinor\\": 300}}]}}"}}',
        ORGANISATIONS, "RateTableCreated", OPERATING, PLACES_OF,
    ),
    "updateRateTable": Verb(
        'input: {{rateTableId: "{id}", version: 1, name: "New"}}',
        RATE_TABLES, "RateTableUpdated", OPERATING,
    ),
    "retireRateTable": Verb('rateTableId: "{id}"', RATE_TABLES, "RateTableRetired", OPERATING),
    "createListing": Verb(
        'input: {{organisationId: "{id}", placeId: "{garage}", spaceIds: ["{garage-1}"],'
        ' rateTableId: "{harbour-rates}", name: "New"}}',
        ("harbour", NOTHING), "ListingCreated", OPERATING,
    ),
    "updateListing": Verb(
        'input: {{listingId: "{id}", name: "New"}}', LISTINGS, "ListingUpdated", OPERATING
    ),
    "activateListing": Verb('listingId: "{id}"', LISTINGS, "ListingUpdated", OPERATING),
    "pauseListing": Verb('listingId: "{id}"', ("garage-listing", "yard-listing", NOTHING),
        "ListingUpdated", OPERATING,
    ),
    "withdrawListing": Verb('listingId: "{id}"', LISTINGS, "ListingUpdated", OPERATING),
    "importListingCalendar": Verb(
        'listingId: "{id}", content: ""', LISTINGS, "ListingCalendarImported", OPERATING
    ),
    "requestTitles": Verb(
        'organisationId: "{id}", spaceIds: ["{garage-1}"], documentReference: "Deed"',
        ("hill", NOTHING), "TitlesRequested", OPERATING,
    ),
    "approveTitles": Verb('titleIds: ["{id}"]', TITLES, "TitlesDecided", OPERATING),
    "declineTitles": Verb(
        'titleIds: ["{id}"], reason: "no"', TITLES, "TitlesDecided", OPERATING
    ),
    "revokeTitles": Verb(
        'titleIds: ["{id}"], reason: "no"', TITLES, "TitlesDecided", OPERATING | {"stranger"}
    ),
    "createPlace": Verb(
        'input: {{organisationId: "{id}", name: "New", kind: LOT, timeZone: "Europe/Berlin",'
        ' currency: "EUR"}}',
        ORGANISATIONS, "PlaceCreated", OPERATING, PLACES_OF,
    ),
    "importPlaces": Verb(
        'input: {{organisationId: "{id}", content: "place,space", dryRun: true}}',
        ORGANISATIONS, "PlacesImported", OPERATING, PLACES_OF,
    ),
    "updateCampus": Verb(
        'campusId: "{id}", name: "New"', CAMPUSES, "CampusUpdated", OPERATING, PLACES_OF
    ),
    "updatePlace": Verb(
        'input: {{placeId: "{id}", name: "New"}}', PLACES, "PlaceUpdated", OPERATING
    ),
    "closePlace": Verb('placeId: "{id}"', PLACES, "PlaceUpdated", OPERATING),
    "openPlace": Verb('placeId: "{id}"', PLACES, "PlaceUpdated", OPERATING),
    "retirePlace": Verb('placeId: "{id}"', PLACES, "PlaceRetired", OPERATING),
    "createSubplace": Verb(
        'input: {{placeId: "{id}", name: "New", kind: ROW}}', PLACES, "SubplaceCreated", OPERATING
    ),
    "updateSubplace": Verb(
        'input: {{subplaceId: "{id}", name: "New"}}', LEVELS, "SubplaceUpdated", OPERATING
    ),
    "retireSubplace": Verb('subplaceId: "{id}"', LEVELS, "Conflict", OPERATING),
    "createSpaces": Verb(
        'placeId: "{id}", spaces: [{{number: "N-1"}}]', PLACES, "SpacesCreated", OPERATING
    ),
    "updateSpace": Verb(
        'input: {{spaceId: "{id}", isEv: true}}', SPACES, "SpaceUpdated", OPERATING
    ),
    "setSpaceService": Verb(
        'spaceIds: ["{id}"], service: CLOSED', SPACES, "SpaceServiceSet", OPERATING
    ),
    "observeSpace": Verb(
        'spaceId: "{id}", occupancy: FREE', SPACES, "SpaceObserved", OPERATING | {"attendant"}
    ),
    "admitPlate": Verb(
        'placeId: "{id}", plate: "S-HH 1234"', PLACES, "PlateShown", OPERATING | {"attendant"}
    ),
    # The town's bays have no locks; those that have are in `matrix_locks`.
    "lowerLock": Verb('spaceId: "{id}"', SPACES, "NoLock", OPERATING | {"attendant"}),
    "raiseLock": Verb('spaceId: "{id}"', SPACES, "NoLock", OPERATING | {"attendant"}),
    "retireSpace": Verb('spaceId: "{id}"', SPACES, "SpaceRetired", OPERATING),
    "provisionDevice": Verb(
        'input: {{placeId: "{id}", endpoint: "new-{n}", kind: READER}}',
        PLACES, "DeviceProvisioned", OPERATING, DEVICES_OF,
    ),
    "rotateDevice": Verb('deviceId: "{id}"', DEVICES, "DeviceRotated", OPERATING, DEVICES_OF),
    "moveDevice": Verb('deviceId: "{id}"', DEVICES, "DeviceMoved", OPERATING, DEVICES_OF),
    "revokeDevice": Verb('deviceId: "{id}"', DEVICES, "DeviceRevoked", OPERATING, DEVICES_OF),
}  # fmt: skip
"""Verbs on objects."""

PERSONAL = {
    "updateProfile": 'name: "New"',
    "createOrganisation": 'name: "New"',
    "acceptInvitation": 'invitationId: "{nothing}"',
}
"""Verbs of a signed-in person on themselves: UNAUTHENTICATED to nobody, NotPermitted to keys."""

OPEN = {"requestSignInCode", "signIn", "refreshSession", "signOut", "signInWithWeChat"}
"""Signing in and out: everybody may try (`test_sign_in`, `test_sharing`)."""

OF_MEMBERS = {"addRole", "removeMember", "withdrawInvitation", "revokeApiKey"}
"""Verbs with two objects, or on objects that only managers list (`test_members`)."""

BY_LINK = {
    "quoteExtensionByLink", "extendByLink", "cancelByLink", "renewKeyByLink", "refreshQrByLink",
    "moveLockByLink", "arriveByLink", "eraseGuestByLink", "confirmByLink",
}  # fmt: skip
"""Verbs of whoever holds a booking's link (`test_booking_links`)."""
