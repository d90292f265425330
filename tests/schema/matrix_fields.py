"""Who reads what: one row for every field of every type of the printed schema.

A field that is in no row fails `test_matrix_fields`. `SEEN_BY` says who may see an object; whoever
does may read its fields, but for those in `GUARDED`, which are null to the others.
"""

PEOPLE = ("driver", "attendant", "operator", "stranger")
ROLES = ("anonymous", *PEOPLE, "key", "bare_key")
"""`stranger` is OPERATOR of the other organisation, `bare_key` an API key without a known scope."""

HARBOUR_STAFF = {"attendant", "operator", "key"}
HARBOUR_MEMBERS = HARBOUR_STAFF | {"bare_key"}
HILL = {"stranger"}
EVERYBODY = set(ROLES)

SEEN_BY: dict[str, set[str]] = {
    "garage": EVERYBODY,
    "garage-1": EVERYBODY,
    "garage-level": EVERYBODY,
    "quay": EVERYBODY,
    "yard": HARBOUR_STAFF,
    "yard-1": HARBOUR_STAFF,
    "yard-level": HARBOUR_STAFF,
    "garage-device": HARBOUR_STAFF,
    "yard-device": HARBOUR_STAFF,
    "harbour": HARBOUR_MEMBERS,
    "hilltop": HILL,
    "hilltop-1": HILL,
    "hilltop-level": HILL,
    "hilltop-device": HILL,
    "hill": HILL,
    "ridge": HILL,
    **{person: {person} for person in PEOPLE},
}
"""Each object of the town, public, own and other's."""

GUARDED: dict[str, dict[str, set[str]]] = {
    "Place.devices": {"garage": HARBOUR_STAFF, "yard": HARBOUR_STAFF, "hilltop": HILL},
    "Space.devices": {"garage-1": HARBOUR_STAFF, "yard-1": HARBOUR_STAFF, "hilltop-1": HILL},
    "Place.organisation": {"garage": HARBOUR_MEMBERS, "yard": HARBOUR_MEMBERS, "hilltop": HILL},
    "Campus.organisation": {"quay": HARBOUR_MEMBERS, "ridge": HILL},
    "Organisation.members": {"harbour": {"operator"}, "hill": HILL},
    "Organisation.apiKeys": {"harbour": {"operator"}, "hill": HILL},
    "Organisation.invitations": {"harbour": {"operator"}, "hill": HILL},
}
"""For each guarded field and object: to whom it is not null."""

NODES: dict[str, str] = {
    "Campus": "id name organisation places",
    "Device": "id endpoint kind lifetimeSeconds isUnsecured manufacturer model serial firmware"
    " createdAt revokedAt health place space",
    "Organisation": "id name members apiKeys invitations places",
    "Person": "id name phone email locale",
    "Place": "id name kind timeZone currency address position isPublic isOpen externalId version"
    " state counts distanceMetres campus organisation subplaces spaces occupancyHistory devices",
    "Space": "id number externalId subplaceId attributes plan position status occupancy service"
    " claim lock version place subplace occupancyHistory devices",
    "Subplace": "id name kind level position parentId parent place",
}
"""Fields of objects that `node` finds."""

PARTS: dict[str, str] = {
    "ApiKey": "id name hint scopes createdAt lastUsedAt revokedAt",
    "DeviceHealth": "deviceId lastSeenAt isStale staleAt boot sequence resetCause batteryPercent"
    " batteryVolts isBatteryLow rssiDbm sinrDb errorCodes alarms clockOffsetSeconds",
    "Invitation": "id organisationId organisationName address role createdAt expiresAt",
    "Member": "personId name phone email roles since",
    "Membership": "organisation roles",
    "OccupancyBucket": "startsAt endsAt freeSeconds occupiedSeconds unknownSeconds utilisation"
    " arrivals",
    "OccupancyHistory": "startsAt endsAt bucketMinutes buckets",
    "PageInfo": "hasNextPage hasPreviousPage startCursor endCursor",
    "Position": "latitude longitude",
    "SpaceAttributes": "isEv isAccessible heightMaxMetres",
    "SpaceCounts": "total available reserved occupied closed unknown",
    "SpaceLock": "state since",
    "SpaceOccupancy": "value since observedAt source",
    "SpacePlan": "xMetres yMetres widthMetres lengthMetres rotationDegrees",
    "Viewer": "validUntil scopes isApiKey person memberships invitations",
    **{f"{each}Connection": "nodes pageInfo edges" for each in ("Place", "Space", "Device")},
    **{f"{each}Edge": "cursor node" for each in ("Place", "Space", "Device")},
}
"""Fields of what an object is made of: read by whoever reads the field that gives them."""

UPDATES: dict[str, str] = {
    "AreaOccupancyUpdate": "kind places",
    "DeviceHealthUpdate": "kind placeId devices",
    "PlaceChange": "placeId version at state counts place",
    "PlaceOccupancyUpdate": "kind placeId version previousVersion at state counts spaces place",
    "SpaceChange": "spaceId number status occupancy since observedAt source service claim lock"
    " version space",
    "SpaceStatusUpdate": "kind spaces",
}
"""Fields of what subscriptions give: `test_matrix_subscriptions` says to whom."""

OUTCOMES: dict[str, str] = {
    "ApiKeyCreated": "apiKey secret",
    "ApiKeyRevoked": "apiKey",
    "CampusCreated": "campus",
    "CampusUpdated": "campus",
    "DeviceMoved": "device",
    "DeviceProvisioned": "device secret",
    "DeviceRevoked": "device",
    "DeviceRotated": "device secret",
    "DeviceSecret": "masterSecret masterSalt senderId recipientId idContext algorithm hashName",
    "ImportProblem": "line path field code message isWarning",
    "ImportTally": "created updated unchanged",
    "InvitationAccepted": "organisationId roles",
    "InvitationWithdrawn": "invitationId",
    "MemberInvited": "invitation",
    "MemberRemoved": "organisationId personId",
    "OrganisationCreated": "organisation",
    "OrganisationRenamed": "organisation",
    "PlaceCreated": "place",
    "PlaceRetired": "placeId",
    "PlaceUpdated": "place",
    "PlacesImported": "isWritten format places spaces imported problems",
    "ProfileUpdated": "person",
    "RoleAdded": "organisationId personId roles",
    "SignInCodeRequested": "address expiresAt",
    "SignedIn": "accessToken accessExpiresAt refreshToken refreshExpiresAt person",
    "SignedOut": "ended",
    "SpaceObserved": "space",
    "SpaceRetired": "spaceId",
    "SpaceServiceSet": "spaces",
    "SpaceUpdated": "space",
    "SpacesCreated": "spaces",
    "SubplaceCreated": "subplace",
    "SubplaceRetired": "subplaceId",
    "SubplaceUpdated": "subplace",
}
"""Fields of what mutations answer: `matrix_verbs` says to whom."""

REFUSALS: dict[str, str] = {
    "Conflict": "code message",
    "Declined": "code message",
    "IdempotencyKeyReused": "code message",
    "NotFound": "code message",
    "NotPermitted": "code message",
    "InvalidInput": "code message field",
    "TooManyTries": "code message retryAfterSeconds",
}
"""Fields of refusals: they tell nothing of any object."""

QUERIES = "node nodes viewer place space campus places devices"
"""Root fields; each is asked by every role in `test_matrix_queries`."""

ROWS: dict[str, set[str]] = {
    name: set(fields.split())
    for group in (NODES, PARTS, UPDATES, OUTCOMES, REFUSALS, {"Query": QUERIES})
    for name, fields in group.items()
}
