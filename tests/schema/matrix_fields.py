"""Who reads what: one row for every field of every type of the printed schema.

A field that is in no row fails `test_matrix_fields`. `SEEN_BY` says who may see an object; whoever
does may read its fields, but for those in `GUARDED`, which are null to the others.
"""

from tests.schema.matrix_fetching_fields import (
    FETCHING_NODES,
    FETCHING_OUTCOMES,
    FETCHING_PARTS,
    FETCHING_QUERIES,
    FETCHING_REFUSALS,
    FETCHING_UPDATES,
    RESERVATION_FETCHING,
    VIEWER_FETCHING,
)
from tests.schema.matrix_merchants_fields import (
    MERCHANT_NODES,
    MERCHANT_OUTCOMES,
    MERCHANT_PARTS,
    MERCHANT_QUERIES,
    MERCHANT_UPDATES,
    ORGANISATION_MERCHANTS,
)
from tests.schema.matrix_notices_fields import (
    NOTICE_NODES,
    NOTICE_OUTCOMES,
    NOTICE_PARTS,
    NOTICE_UPDATES,
    ORGANISATION_NOTICES,
    VIEWER_NOTICES,
)
from tests.schema.matrix_positions_fields import (
    PLACE_REFINEMENTS,
    POSITION_NODES,
    POSITION_OUTCOMES,
    POSITION_PARTS,
    POSITION_UPDATES,
    VIEWER_POSITIONS,
)
from tests.schema.matrix_rights_fields import (
    ORGANISATION_RIGHTS,
    PLACE_RIGHTS,
    RIGHTS_NODES,
    RIGHTS_OUTCOMES,
    RIGHTS_PARTS,
    RIGHTS_QUERIES,
    RIGHTS_REFUSALS,
    RIGHTS_UPDATES,
    VIEWER_RIGHTS,
)
from tests.schema.matrix_sharing_fields import (
    SHARING_NODES,
    SHARING_OUTCOMES,
    SHARING_PARTS,
    SHARING_QUERIES,
    SHARING_REFUSALS,
    SHARING_UPDATES,
    VIEWER_SHARING,
)

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
    "harbour-rates": HARBOUR_STAFF,
    "hill-rates": HILL,
    "garage-listing": EVERYBODY,
    "yard-listing": EVERYBODY,
    "garage-draft": HARBOUR_STAFF,
    "hilltop-draft": HILL,
    "garage-title": HARBOUR_STAFF | HILL,
    "hilltop-title": HILL,
    "hilltop": HILL,
    "hilltop-1": HILL,
    "hilltop-level": HILL,
    "hilltop-device": HILL,
    "hill": HILL,
    "ridge": HILL,
    "car": {"driver"},
    "others-car": HILL,
    "car-proof": {"driver", "operator"},
    "others-car-proof": HILL,
    **{person: {person} for person in PEOPLE},
}
"""Each object of the town, public, own and other's."""

GUARDED: dict[str, dict[str, set[str]]] = {
    "Place.devices": {"garage": HARBOUR_STAFF, "yard": HARBOUR_STAFF, "hilltop": HILL},
    "Space.devices": {"garage-1": HARBOUR_STAFF, "yard-1": HARBOUR_STAFF, "hilltop-1": HILL},
    "Place.organisation": {"garage": HARBOUR_MEMBERS, "yard": HARBOUR_MEMBERS, "hilltop": HILL},
    "Place.accessEvents": {"garage": HARBOUR_STAFF, "yard": HARBOUR_STAFF, "hilltop": HILL},
    "Campus.organisation": {"quay": HARBOUR_MEMBERS, "ridge": HILL},
    "Listing.place": {"garage-listing": EVERYBODY, "yard-listing": HARBOUR_STAFF},
    "Listing.organisation": {"garage-listing": HARBOUR_MEMBERS, "hilltop-draft": HILL},
    "Listing.audienceOrganisation": {"garage-draft": HARBOUR_MEMBERS},
    "Listing.plates": {"garage-listing": HARBOUR_STAFF, "hilltop-draft": HILL},
    "Listing.calendar": {"garage-listing": HARBOUR_STAFF, "hilltop-draft": HILL},
    "Title.space": {"garage-title": EVERYBODY, "hilltop-title": HILL},
    "Title.organisation": {"garage-title": HILL, "hilltop-title": set()},
    "RateTable.organisation": {"harbour-rates": HARBOUR_MEMBERS, "hill-rates": HILL},
    "Organisation.members": {"harbour": {"operator"}, "hill": HILL},
    "Organisation.apiKeys": {"harbour": {"operator"}, "hill": HILL},
    "Organisation.invitations": {"harbour": {"operator"}, "hill": HILL},
    **{
        f"Organisation.{each}": {"harbour": {"operator"}, "hill": HILL}
        for each in ("owed", "earnings", "statement", "validations")
    },
    "Organisation.webhookEndpoints": {"harbour": {"operator"}, "hill": HILL},
    "Organisation.deadNotices": {"harbour": {"operator"}, "hill": HILL},
    "Organisation.payoutTerms": {"harbour": set(), "hill": set()},
    "Organisation.vehicleProofs": {"harbour": {"operator"}, "hill": HILL},
    "Place.dailyClose": {"garage": {"operator"}, "yard": {"operator"}, "hilltop": HILL},
}
"""For each guarded field and object: to whom it is not null."""

NODES: dict[str, str] = {
    "Alarm": "id kind detail raisedAt clearedAt acknowledgedAt space reservation",
    "LockCommand": "id target state cause failure createdAt expiresAt deliveredAt acceptedAt"
    " finishedAt space reservation",
    "Campus": "id name organisation places connectors",
    "ChargeRecord": "id number kind amount body digest issuedAt link pdf corrects credits"
    " settlement",
    "Dispute": "id state party reason amount frozen toDriver decision openedAt decidedAt"
    " appealUntil appealedAt answerUntil closedAt version evidence settlement",
    "FeeContract": "id terms validFrom validUntil createdAt isGeneral organisation place",
    "Payment": "id state purpose rail amount captured refunded reason version createdAt expiresAt"
    " action account reservation",
    "PaymentAccount": "id rail label isDefault createdAt removedAt",
    "Payout": "id state amount rail reason version createdAt changedAt items organisation",
    "RailOrder": "id kind state rail amount attempts dueAt lastError createdAt doneAt payment"
    " payout",
    "Settlement": "id outcome cost secured validation toppedUp receivable owner property platform"
    " tax refund at version lines parts chargeRecords disputes reservation place lessor",
    "Device": "id endpoint kind lifetimeSeconds isUnsecured isSleepy manufacturer model serial"
    " firmware createdAt revokedAt health place space",
    "Listing": "id name state mode audience stayMinutesMin stayMinutesMax leadMinutes horizonDays"
    " turnoverMinutes cancellation validFrom validUntil version createdAt changedAt placeName"
    " address position timeZone currency place organisation lessorName audienceOrganisation plates"
    " rateTable spaceCount spaces windows exceptions openings calendar",
    "Organisation": "id name members apiKeys invitations places rateTables reservations"
    " settlements chargeRecords payouts payoutTerms owed earnings statement validations"
    f" vehicleProofs{ORGANISATION_RIGHTS}{ORGANISATION_NOTICES}"
    f"{ORGANISATION_MERCHANTS}",
    "Person": "id name phone email locale",
    "Place": "id name kind timeZone currency address position isPublic isOpen externalId version"
    " state counts distanceMetres campus organisation subplaces spaces occupancyHistory devices"
    " listings"
    f" accessEvents reservations sessions settlements dailyClose{PLACE_RIGHTS}"
    f"{PLACE_REFINEMENTS}",
    "Quote": "id kind startsAt endsAt price total plate listingId reservationId createdAt expiresAt"
    " usedAt lines listing space",
    "RateTable": "id name currency document version createdAt changedAt retiredAt organisation"
    " preview price",
    "Reservation": "id state startsAt endsAt blockedUntil holdUntil price refund guestName plate"
    " listing"
    " seriesId cancelledBy reason version createdAt confirmedAt startedAt endedAt listingId lines"
    " space place lessor sides steps agreement agreements link refundIfCancelled"
    " credentials accessEvents sessions escrow settlement payments validations"
    f"{RESERVATION_FETCHING}",
    "ReservationSeries": "id rule createdAt cancelledAt reservations",
    "WaitlistEntry": "id state startsAt endsAt plate isEv isAccessible heightMetres position"
    " offerExpiresAt createdAt place reservation",
    "Session": "id state startedAt startedBy endedAt endedBy overstaySince plate amount version"
    " lines segments reservation space place",
    "Space": "id number externalId subplaceId attributes plan position status occupancy service"
    " claim lock version place subplace occupancyHistory devices titles",
    "Subplace": "id name kind level position parentId parent place",
    "Title": "id state documentReference reason organisationId organisationName spaceId requestedAt"
    " decidedAt space organisation",
    "Vehicle": "id country plate name hasCode codeSetAt version createdAt removedAt proofs rights",
    "VehicleProof": "id state documentReference reason vehicleId country plate driverName"
    " organisationId organisationName requestedAt decidedAt",
    **RIGHTS_NODES,
    **MERCHANT_NODES,
    **FETCHING_NODES,
    **POSITION_NODES,
    **SHARING_NODES,
    **NOTICE_NODES,
}
"""Fields of objects that `node` finds."""

PARTS: dict[str, str] = {
    "AccessEventConnection": "nodes pageInfo edges",
    "AccessEventEdge": "cursor node",
    "AccessEvent": "at receivedAt kind outcome isOffline space reader",
    "AvailabilityCluster": "bbox position spaceCount placeCount cheapest",
    "AvailabilityMap": "totalCount spaces clusters",
    "AvailableSpace": "listingId listing price distanceMetres walkMinutes space place",
    "AvailableSpaceConnection": "nodes pageInfo edges",
    "AvailableSpaceEdge": "cursor node",
    "BoundingBox": "south west north east",
    "RefusedTurn": "startsAt endsAt code message",
    "WaitlistEntryConnection": "nodes pageInfo edges",
    "WaitlistEntryEdge": "cursor node",
    **{
        f"{each}Connection": "nodes pageInfo edges"
        for each in (
            "ChargeRecord",
            "Dispute",
            "FeeContract",
            "Payout",
            "PayoutItem",
            "RailOrder",
            "Settlement",
            "StatementEntry",
            "Validation",
        )
    },
    **{
        f"{each}Edge": "cursor node"
        for each in (
            "ChargeRecord",
            "Dispute",
            "FeeContract",
            "Payout",
            "PayoutItem",
            "RailOrder",
            "Settlement",
            "StatementEntry",
            "Validation",
        )
    },
    "DailyClose": "day startsAt endsAt sums spaces credits credited",
    "DisputeEvidence": "party text at",
    "Earnings": "currency timeZone buckets total",
    "EarningsBucket": "firstDay untilDay startsAt endsAt figures",
    "EarningsFigures": "bookings cost property platform tax ownerShare propertyShare changed"
    " earned",
    "Escrow": "state secured openedAt settledAt balance",
    "Owed": "currency owner property sending validations",
    "PayoutItem": "party cause amount at settlement",
    "PayoutTerms": "schedule day delayDays minimumMinor rail reference timeZone nextAt changedAt",
    "PlatformTotals": "currency buckets total",
    "TotalsBucket": "firstDay untilDay startsAt endsAt sums",
    "SettledSums": "bookings noShows cancelled gross owner property platform tax refund validation"
    " receivable",
    "SettlementPart": "party why percent basis amount explanation",
    "SpaceClose": "spaceId number sums",
    "StatementEntry": "transferId code subject reason at amount balance isCorrection reservation",
    "Validation": "id reservationId kind value label paid createdAt returnedAt",
    "Wallet": "currency balance held available debt",
    "ApiKey": "id name hint scopes createdAt lastUsedAt revokedAt",
    "Booking": "reservationId state version startsAt endsAt holdUntil plate guestName reason price"
    " refund lines place space bays mayExtend mayConfirm mayCancel mayMoveLock hasReader opensAt"
    " isOpen refundIfCancelled hasKey accesses session agreement money receipts order",
    "BookingAccess": "at kind outcome isOffline",
    "BookingBay": "number isYours plan",
    "BookingMoney": "rail state secured hasAction settlement",
    "BookingPlace": "name address timeZone position",
    "BookingOrder": "orderRef merchantName unitName serviceAt serviceEndsAt party locale payer"
    " arrivedAt mayArrive arriveFrom isLetIn keptUntil mayEraseGuest way",
    "BookingPoint": "kind name isInPlace level levelName xMetres yMetres metres",
    "BookingWay": "drive walk",
    "BookingReceipt": "number kind amount body digest issuedAt",
    "BookingSettlement": "outcome cost validation toppedUp receivable refund at",
    "BookingSession": "startedAt endedAt overstaySince price lines",
    "BookingSpace": "number level position lock",
    "Credential": "kind validFrom validUntil madeAt",
    "CancellationTerms": "graceMinutes graceLeadMinutesMax reconsiderMinutes reconsiderLeadMinutes"
    " tiers unusedPercent feeMinor noShowPercent noShowFeeMinor",
    "CancellationTier": "minutesBefore bound percent",
    "DeviceHealth": "deviceId lastSeenAt isStale staleAt boot sequence resetCause batteryPercent"
    " batteryVolts isBatteryLow rssiDbm sinrDb errorCodes alarms clockOffsetSeconds",
    "Invitation": "id organisationId organisationName address role createdAt expiresAt",
    "LeaseAgreement": "version terms digest renterAcceptedAt lessorAcceptedAt createdAt",
    "ListingException": "kind localFrom localUntil note",
    "ListingOpening": "startsAt endsAt",
    "ListingWindow": "weekdays minuteFrom minuteUntil firstDate lastDate",
    **{f"{each}Connection": "nodes pageInfo edges" for each in ("Listing", "Title")},
    **{f"{each}Edge": "cursor node" for each in ("Listing", "Title")},
    "Member": "personId name phone email roles since",
    "Membership": "organisation roles",
    "Money": "amountMinor currency",
    "OccupancyBucket": "startsAt endsAt freeSeconds occupiedSeconds unknownSeconds utilisation"
    " arrivals",
    "OccupancyHistory": "startsAt endsAt bucketMinutes buckets",
    "PageInfo": "hasNextPage hasPreviousPage startCursor endCursor",
    "Position": "latitude longitude",
    "PricedLine": "kind collectionId lineId name startsAt endsAt quantity unit unitAmountMinor"
    " basisMinor limitMinor percent taxMinor amountMinor",
    "RatePreview": "rows isCut points",
    "RatePreviewPoint": "minutes amount",
    "RatePreviewRow": "upToMinutes amount",
    "RateTableConnection": "nodes pageInfo edges",
    "RateTableEdge": "cursor node",
    "RatedStay": "amount tax lines",
    "RefundPreview": "amount reason explanation",
    "ReservationConnection": "nodes pageInfo edges",
    "ReservationEdge": "cursor node",
    "ReservationStep": "version kind at by detail",
    "Segment": "kind startsAt endsAt amount lines",
    "SessionConnection": "nodes pageInfo edges",
    "SessionEdge": "cursor node",
    "SpaceAttributes": "isEv isAccessible heightMaxMetres",
    "SpaceCounts": "total available reserved occupied closed unknown",
    "SpaceLock": "state since",
    "SpaceOccupancy": "value since observedAt source",
    "SpacePlan": "xMetres yMetres widthMetres lengthMetres rotationDegrees",
    "Viewer": "validUntil scopes isApiKey person memberships invitations reservations sessions"
    f" wallets statement paymentAccounts chargeRecords vehicles{VIEWER_RIGHTS}{VIEWER_NOTICES}"
    f"{VIEWER_FETCHING}{VIEWER_SHARING}{VIEWER_POSITIONS}",
    **RIGHTS_PARTS,
    **NOTICE_PARTS,
    **MERCHANT_PARTS,
    **FETCHING_PARTS,
    **POSITION_PARTS,
    **SHARING_PARTS,
    **{f"{each}Connection": "nodes pageInfo edges" for each in ("Vehicle", "VehicleProof")},
    **{f"{each}Edge": "cursor node" for each in ("Vehicle", "VehicleProof")},
    **{f"{each}Connection": "nodes pageInfo edges" for each in ("Place", "Space", "Device")},
    **{f"{each}Edge": "cursor node" for each in ("Place", "Space", "Device")},
}
"""Fields of what an object is made of: read by whoever reads the field that gives them."""

UPDATES: dict[str, str] = {
    "AlarmsUpdate": "alarms",
    "CommandsUpdate": "commands",
    "AreaOccupancyUpdate": "kind places",
    "BookingLinkUpdate": "version state at",
    "DeviceHealthUpdate": "kind placeId devices",
    "PlaceChange": "placeId version at state counts place",
    "PlaceOccupancyUpdate": "kind placeId version previousVersion at state counts spaces place",
    "ReservationUpdate": "reservation",
    "ReservationsUpdate": "kind reservations",
    "SessionsUpdate": "kind sessions",
    "SettlementsUpdate": "kind settlements",
    "BalanceUpdate": "wallets",
    "SpaceChange": "spaceId number status occupancy since observedAt source service claim lock"
    " version space",
    "SpaceStatusUpdate": "kind spaces",
    **RIGHTS_UPDATES,
    **MERCHANT_UPDATES,
    **FETCHING_UPDATES,
    **POSITION_UPDATES,
    **SHARING_UPDATES,
    **NOTICE_UPDATES,
}
"""Fields of what subscriptions give: `test_matrix_subscriptions` says to whom."""

OUTCOMES: dict[str, str] = {
    "AlarmAcknowledged": "alarm",
    "LockOrdered": "command",
    "ApiKeyCreated": "apiKey secret",
    "ApiKeyRevoked": "apiKey",
    "ConfirmedByLink": "booking",
    "ArrivedByLink": "outcome booking",
    "GuestErasedByLink": "booking",
    "CancelledByLink": "booking",
    "CalendarProblem": "line uid code message isWarning",
    "CampusCreated": "campus",
    "CampusUpdated": "campus",
    "DeviceMoved": "device",
    "DeviceProvisioned": "device secret",
    "DeviceRevoked": "device",
    "DeviceRotated": "device secret",
    "KeyRotated": "reservation number",
    "PlateShown": "outcome reservation",
    "QrCode": "text issuedAt renewAt expiresAt svg png",
    "QrRefreshed": "qr",
    "DeviceSecret": "masterSecret masterSalt senderId recipientId idContext algorithm hashName",
    "ExtendedByLink": "booking",
    "ExtensionQuotedByLink": "quoteId endsAt price expiresAt",
    "ImportProblem": "line path field code message isWarning",
    "ImportTally": "created updated unchanged",
    "InvitationAccepted": "organisationId roles",
    "InvitationWithdrawn": "invitationId",
    "KeyRenewedByLink": "number",
    "LockOrderedByLink": "booking",
    "ListingCalendarImported": "isWritten windowsCount exceptionsCount problems listing",
    "ListingCreated": "listing",
    "ListingUpdated": "listing",
    "MemberInvited": "invitation",
    "MemberRemoved": "organisationId personId",
    "OrganisationCreated": "organisation",
    "OrganisationRenamed": "organisation",
    "PlaceCreated": "place",
    "PlaceRetired": "placeId",
    "PlaceUpdated": "place",
    "PlacesImported": "isWritten format places spaces imported problems",
    "ProfileUpdated": "person",
    "RateTableCreated": "rateTable",
    "RateTableRetired": "rateTable",
    "RateTableUpdated": "rateTable",
    "QrRefreshedByLink": "text svg renewAt expiresAt",
    "RoleAdded": "organisationId personId roles",
    "QuoteMade": "quote",
    "ReservationAccepted": "reservation",
    "ReservationCancelled": "reservation",
    "ReservationConfirmed": "reservation",
    "ReservationDeclined": "reservation",
    "ReservationExtended": "reservation",
    "ReservationLinkRenewed": "reservation",
    "Reserved": "reservation",
    "ReservationReassigned": "reservation",
    "SessionEnded": "session",
    "SessionStarted": "session",
    "SeriesCancelled": "series cancelledCount",
    "SeriesConfirmed": "series",
    "SeriesReserved": "series refused",
    "WaitlistJoined": "entry",
    "WaitlistLeft": "entry",
    "WaitlistOfferAccepted": "reservation",
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
    "VehicleCodeDeleted": "vehicle",
    "VehicleCodeSet": "vehicle vehicleCode",
    "VehicleEnrolled": "vehicle",
    "VehicleProofRequested": "proof",
    "VehicleProofsDecided": "proofs",
    "VehicleRemoved": "vehicleId",
    "VehicleRenamed": "vehicle",
    "TitlesDecided": "titles",
    "TitlesRequested": "titles",
    "ChargeCredited": "credit",
    "DefaultPaymentAccountSet": "accounts",
    **dict.fromkeys(
        ("DisputeAppealed", "DisputeDecided", "DisputeEvidenceAdded", "DisputeOpened"), "dispute"
    ),
    "FeeContractSet": "contract",
    "PaymentAccountBegun": "reference clientSecret",
    "PaymentAccountBound": "account",
    "PaymentAccountRemoved": "accountId",
    "PayoutTermsSet": "terms",
    "RailOrderRetried": "order",
    "ValidationAdded": "validation",
    "ValidationReturned": "validation",
    "WalletToppedUp": "payment wallets",
    **RIGHTS_OUTCOMES,
    **NOTICE_OUTCOMES,
    **MERCHANT_OUTCOMES,
    **FETCHING_OUTCOMES,
    **POSITION_OUTCOMES,
    **SHARING_OUTCOMES,
}
"""Fields of what mutations answer: `matrix_verbs` says to whom."""

REFUSALS: dict[str, str] = {
    "Conflict": "code message",
    "Declined": "code message",
    "IdempotencyKeyReused": "code message",
    "NotFound": "code message",
    "NotPermitted": "code message",
    **dict.fromkeys(
        (
            "NoClaim",
            "NoLock",
            "SpaceNotFree",
            "HoldExpired",
            "NotBookable",
            "PaymentPending",
            "QuoteExpired",
            "QuoteUsed",
            "SpaceClosed",
            "SpaceOccupied",
            "WindowTaken",
            "NoReplacement",
        ),
        "code message",
    ),
    "SeriesRefused": "code message refused",
    "NotFunded": "code message missing",
    "DebtOutstanding": "code message owed",
    "PaymentActionNeeded": "code message url clientSecret",
    "PaymentDeclined": "code message reason",
    "InvalidInput": "code message field",
    "TooManyTries": "code message retryAfterSeconds",
    **RIGHTS_REFUSALS,
    **FETCHING_REFUSALS,
    **SHARING_REFUSALS,
}
"""Fields of refusals: they tell nothing of any object."""

QUERIES = (
    "node nodes viewer place space campus places devices rateTable rateTables"
    " listing listings titles bookingByLink"
)
"""Root fields; each is asked by every role in `test_matrix_queries`."""
BOOKING_QUERIES = "reservation quote session"
"""The same, in `test_matrix_bookings` and `test_matrix_sessions`."""
SEARCHES = "availableSpaces availabilityMap waitlist"
"""The same, in `test_matrix_waiting`."""

MONEY_QUERIES = "settlement chargeRecord disputes railOrders feeContracts platformTotals"
"""The same, in `test_matrix_money`."""

ROOT = {
    "Query": f"{QUERIES} {BOOKING_QUERIES} {SEARCHES} {MONEY_QUERIES} {RIGHTS_QUERIES}"
    f" {MERCHANT_QUERIES} {SHARING_QUERIES} {FETCHING_QUERIES}"
}

ROWS: dict[str, set[str]] = {
    name: set(fields.split())
    for group in (NODES, PARTS, UPDATES, OUTCOMES, REFUSALS, ROOT)
    for name, fields in group.items()
}
