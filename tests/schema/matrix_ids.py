"""Every argument and input field that takes an id: whose object it may name.

An id argument in no row fails `test_matrix_ids`. `MAIN` are tried on every object by every role in
the other matrices. `SECOND` are ids beside those: given the other organisation's object, or none,
they must look the same, and have no effect.
"""

MAIN = {
    "Query.node(id)", "Query.nodes(ids)", "Query.place(id)", "Query.space(id)",
    "Query.campus(id)", "Query.devices(placeId)",
    "Query.listing(id)", "CreateListingInput.organisationId", "UpdateListingInput.listingId",
    "Mutation.activateListing(listingId)", "Mutation.pauseListing(listingId)",
    "Mutation.withdrawListing(listingId)", "Mutation.importListingCalendar(listingId)",
    "Mutation.requestTitles(organisationId)", "Mutation.approveTitles(titleIds)",
    "Mutation.declineTitles(titleIds)", "Mutation.revokeTitles(titleIds)",
    "Query.rateTable(id)", "Query.rateTables(organisationId)",
    "Mutation.retireRateTable(rateTableId)", "CreateRateTableInput.organisationId",
    "UpdateRateTableInput.rateTableId",
    "Query.reservation(id)", "Query.quote(id)", "Subscription.reservation(id)",
    "Subscription.reservations(placeId)", "Subscription.reservations(organisationId)",
    "ReserveSpaceInput.listingId", "ReserveSpaceInput.spaceId", "Mutation.reserve(quoteId)",
    "Mutation.extendReservation(quoteId)", "Mutation.quoteExtension(reservationId)",
    "Mutation.confirmReservation(reservationId)", "Mutation.acceptReservation(reservationId)",
    "Mutation.declineReservation(reservationId)", "Mutation.cancelReservation(reservationId)",
    "Mutation.renewReservationLink(reservationId)",
    "Mutation.refreshQr(reservationId)", "Mutation.rotateKey(reservationId)",
    "Mutation.admitPlate(placeId)",
    "Query.session(id)", "Subscription.sessions(placeId)",
    "Mutation.startSession(reservationId)", "Mutation.endSession(sessionId)",
    "Mutation.lowerLock(spaceId)", "Mutation.raiseLock(spaceId)",
    "Mutation.acknowledgeAlarm(alarmId)", "Subscription.alarms(placeId)",
    "Subscription.commands(spaceId)", "Subscription.commands(reservationId)",
    "AvailabilityArea.placeId", "Query.waitlist(placeId)", "JoinWaitlistInput.placeId",
    "Mutation.leaveWaitlist(entryId)", "Mutation.acceptWaitlistOffer(entryId)",
    "Mutation.confirmSeries(seriesId)", "Mutation.cancelSeries(seriesId)",
    "Mutation.reassignReservation(reservationId)", "Mutation.reassignReservation(spaceId)",
    "Subscription.placeOccupancy(placeId)", "Subscription.spaceStatus(spaceIds)",
    "Subscription.deviceHealth(placeId)",
    "Mutation.renameOrganisation(organisationId)", "Mutation.createApiKey(organisationId)",
    "Mutation.inviteMember(organisationId)", "Mutation.createCampus(organisationId)",
    "Mutation.updateCampus(campusId)", "Mutation.openPlace(placeId)",
    "Mutation.closePlace(placeId)", "Mutation.retirePlace(placeId)",
    "Mutation.retireSubplace(subplaceId)", "Mutation.createSpaces(placeId)",
    "Mutation.retireSpace(spaceId)", "Mutation.setSpaceService(spaceIds)",
    "Mutation.observeSpace(spaceId)", "Mutation.rotateDevice(deviceId)",
    "Mutation.revokeDevice(deviceId)", "Mutation.moveDevice(deviceId)",
    "CreatePlaceInput.organisationId", "UpdatePlaceInput.placeId",
    "CreateSubplaceInput.placeId", "UpdateSubplaceInput.subplaceId",
    "UpdateSpaceInput.spaceId", "ImportPlacesInput.organisationId",
    "ProvisionDeviceInput.placeId",
    "Query.settlement(id)", "Query.feeContracts(organisationId)",
    "Subscription.settlements(reservationId)", "Subscription.settlements(organisationId)",
    "Subscription.settlements(placeId)",
    "Mutation.openDispute(settlementId)", "Mutation.addDisputeEvidence(disputeId)",
    "Mutation.decideDispute(disputeId)", "Mutation.appealDispute(disputeId)",
    "Mutation.creditCharge(chargeRecordId)", "Mutation.retryRailOrder(orderId)",
    "Mutation.topUpWallet(paymentAccountId)", "Mutation.removePaymentAccount(paymentAccountId)",
    "Mutation.setDefaultPaymentAccount(paymentAccountId)",
    "Mutation.returnValidation(validationId)", "AddValidationInput.organisationId",
    "SetPayoutTermsInput.organisationId", "SetFeeContractInput.organisationId",
    "Mutation.renameVehicle(vehicleId)", "Mutation.removeVehicle(vehicleId)",
    "Mutation.setVehicleCode(vehicleId)", "Mutation.deleteVehicleCode(vehicleId)",
    "Mutation.requestVehicleProof(vehicleId)", "Mutation.approveVehicleProofs(proofIds)",
    "Mutation.declineVehicleProofs(proofIds)", "Mutation.revokeVehicleProofs(proofIds)",
    "CreateRightSpecificationInput.organisationId",
    "UpdateRightSpecificationInput.specificationId",
    "Mutation.archiveRightSpecification(specificationId)", "OfferRightsContractInput.placeId",
    "Mutation.acceptRightsContract(contractId)", "Mutation.declineRightsContract(contractId)",
    "Mutation.endRightsContract(contractId)", "SetRightsContractLimitsInput.contractId",
    "Mutation.setPlaceRightsRule(placeId)", "CreateGrantCodesInput.specificationId",
    "Mutation.revokeGrantCodes(grantCodeIds)", "Mutation.reissueGrantCode(grantCodeId)",
    "Mutation.createExitCode(placeId)", "Mutation.revokeExitCode(exitCodeId)",
    "Mutation.revokeRight(rightId)", "Mutation.markRightsSignalsSeen(signalIds)",
    "Mutation.redeemAtGate(placeId)", "Mutation.transferRight(rightId)",
    "Mutation.cancelRedemption(redemptionId)", "VehicleProofInput.vehicleId",
    "Mutation.redeemRights(vehicleId)", "Subscription.issuedRights(organisationId)",
    "Mutation.enterWithRight(vehicleId)",
}  # fmt: skip

OF_MEMBERS = {
    "Mutation.addRole(organisationId)", "Mutation.addRole(personId)",
    "Mutation.removeMember(organisationId)", "Mutation.removeMember(personId)",
    "Mutation.withdrawInvitation(invitationId)", "Mutation.acceptInvitation(invitationId)",
    "Mutation.revokeApiKey(apiKeyId)",
    "Mutation.extendByLink(quoteId)",
}  # fmt: skip
"""Tried in `test_members`; by link in `test_booking_links`."""

OF_RIGHTS = {
    "CreateGrantCodesInput.contractId", "OfferRightsContractInput.issuerId",
    "Mutation.redeemRights(placeId)", "Mutation.planRedemption(placeId)",
    "Mutation.planRedemption(vehicleId)", "Mutation.enterWithRight(placeId)",
}  # fmt: skip
"""Tried in `test_rights`, `test_rights_entry` and `test_rights_by_code`."""

_PLACE = 'organisationId: "{harbour}", name: "N", kind: LOT, timeZone: "UTC", currency: "EUR"'
_LEVEL = 'placeId: "{garage}", name: "N", kind: ROW'
_DEVICE = 'placeId: "{garage}", endpoint: "n", kind: READER'
_SPECIFIED = 'organisationId: "{harbour}", name: "N", kind: FREE, currency: "EUR"'
_LISTING = 'organisationId: "{harbour}", name: "N"'
_ITS_PLACE, _ITS_SPACES = 'placeId: "{garage}"', 'spaceIds: ["{garage-1}"]'
_ITS_RATES = 'rateTableId: "{harbour-rates}"'


def _create_listing(*parts: str) -> str:
    return f"createListing(input: {{{{{', '.join((_LISTING, *parts))}}}}}"


SECOND: dict[str, tuple[str, str, str]] = {
    "CreatePlaceInput.campusId": (
        f'createPlace(input: {{{{{_PLACE}, campusId: "{{id}}"}}}}', "ridge", "InvalidInput"
    ),
    "UpdatePlaceInput.campusId": (
        'updatePlace(input: {{placeId: "{garage}", campusId: "{id}"}}', "ridge", "InvalidInput"
    ),
    "CreateSubplaceInput.parentId": (
        f'createSubplace(input: {{{{{_LEVEL}, parentId: "{{id}}"}}}}', "hilltop-level",
        "InvalidInput",
    ),
    "UpdateSubplaceInput.parentId": (
        'updateSubplace(input: {{subplaceId: "{garage-level}", parentId: "{id}"}}',
        "hilltop-level", "InvalidInput",
    ),
    "NewSpaceInput.subplaceId": (
        'createSpaces(placeId: "{garage}", spaces: [{{number: "N", subplaceId: "{id}"}}]',
        "hilltop-level", "InvalidInput",
    ),
    "UpdateSpaceInput.subplaceId": (
        'updateSpace(input: {{spaceId: "{garage-1}", subplaceId: "{id}"}}', "hilltop-level",
        "InvalidInput",
    ),
    "ProvisionDeviceInput.spaceId": (
        f'provisionDevice(input: {{{{{_DEVICE}, spaceId: "{{id}}"}}}}', "hilltop-1", "NotFound"
    ),
    "CreateListingInput.placeId": (
        _create_listing(_ITS_SPACES, _ITS_RATES, 'placeId: "{id}"'), "hilltop", "NotFound"
    ),
    "CreateListingInput.spaceIds": (
        _create_listing(_ITS_PLACE, _ITS_RATES, 'spaceIds: ["{id}"]'), "hilltop-1", "InvalidInput"
    ),
    "CreateListingInput.rateTableId": (
        _create_listing(_ITS_PLACE, _ITS_SPACES, 'rateTableId: "{id}"'), "hill-rates",
        "InvalidInput",
    ),
    "CreateListingInput.audienceOrganisationId": (
        _create_listing(_ITS_PLACE, _ITS_SPACES, _ITS_RATES, 'audienceOrganisationId: "{id}"'),
        "hill", "InvalidInput",
    ),
    "UpdateListingInput.spaceIds": (
        'updateListing(input: {{listingId: "{garage-listing}", spaceIds: ["{id}"]}}', "hilltop-1",
        "InvalidInput",
    ),
    "UpdateListingInput.rateTableId": (
        'updateListing(input: {{listingId: "{garage-listing}", rateTableId: "{id}"}}',
        "hill-rates", "InvalidInput",
    ),
    "UpdateListingInput.audienceOrganisationId": (
        'updateListing(input: {{listingId: "{garage-listing}", audienceOrganisationId: "{id}"}}',
        "hill", "InvalidInput",
    ),
    "Mutation.requestTitles(spaceIds)": (
        'requestTitles(organisationId: "{harbour}", documentReference: "D", spaceIds: ["{id}"]',
        "hilltop-1", "NotFound",
    ),
    "SetFeeContractInput.placeId": (
        'setFeeContract(input: {{terms: "{{}}", placeId: "{id}"}}', "hilltop", "NotPermitted"
    ),
    "AddValidationInput.reservationId": (
        'addValidation(input: {{organisationId: "{harbour}", kind: FREE, reservationId: "{id}"}}',
        "hilltop", "Conflict",
    ),
    "Mutation.requestVehicleProof(placeId)": (
        'requestVehicleProof(vehicleId: "{car}", documentReference: "D", placeId: "{id}"',
        "hilltop", "NotFound",
    ),
    "RightTermsInput.places": (
        f'createRightSpecification(input: {{{{{_SPECIFIED}, terms: {{{{places: ["{{id}}"]}}}}}}}}',
        "hilltop", "InvalidInput",
    ),
    "Mutation.moveDevice(spaceId)": (
        'moveDevice(deviceId: "{garage-device}", spaceId: "{id}"', "hilltop-1", "NotFound"
    ),
}  # fmt: skip
"""Path: the mutation as the harbour's OPERATOR sends it, the other's object, what is answered."""

FILTERS: dict[str, tuple[str, str, str]] = {
    "PlaceFilterInput.organisationId": ("places", "organisationId", "hill"),
    "PlaceFilterInput.campusId": ("places", "campusId", "ridge"),
    "SpaceFilterInput.subplaceId": ("spaces", "subplaceId", "hilltop-level"),
    "ListingFilterInput.organisationId": ("listings", "organisationId", "hill"),
    "ListingFilterInput.placeId": ("listings", "placeId", "hilltop"),
    "TitleFilterInput.organisationId": ("titles", "organisationId", "owners"),
    "TitleFilterInput.placeId": ("titles", "placeId", "hilltop"),
    "DeviceFilterInput.spaceId": ("devices", "spaceId", "hilltop-1"),
}
"""Path: the list it filters, and the other's object, by which the list is empty."""
