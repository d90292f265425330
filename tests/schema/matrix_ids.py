"""Every argument and input field that takes an id: whose object it may name.

An id argument in no row fails `test_matrix_ids`. `MAIN` are tried on every object by every role in
the other matrices. `SECOND` are ids beside those: given the other organisation's object, or none,
they must look the same, and have no effect.
"""

MAIN = {
    "Query.node(id)", "Query.nodes(ids)", "Query.place(id)", "Query.space(id)",
    "Query.campus(id)", "Query.devices(placeId)",
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
}  # fmt: skip

OF_MEMBERS = {
    "Mutation.addRole(organisationId)", "Mutation.addRole(personId)",
    "Mutation.removeMember(organisationId)", "Mutation.removeMember(personId)",
    "Mutation.withdrawInvitation(invitationId)", "Mutation.acceptInvitation(invitationId)",
    "Mutation.revokeApiKey(apiKeyId)",
}  # fmt: skip
"""Tried in `test_members`."""

_PLACE = 'organisationId: "{harbour}", name: "N", kind: LOT, timeZone: "UTC", currency: "EUR"'
_LEVEL = 'placeId: "{garage}", name: "N", kind: ROW'
_DEVICE = 'placeId: "{garage}", endpoint: "n", kind: READER'

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
    "Mutation.moveDevice(spaceId)": (
        'moveDevice(deviceId: "{garage-device}", spaceId: "{id}"', "hilltop-1", "NotFound"
    ),
}  # fmt: skip
"""Path: the mutation as the harbour's OPERATOR sends it, the other's object, what is answered."""

FILTERS: dict[str, tuple[str, str, str]] = {
    "PlaceFilterInput.organisationId": ("places", "organisationId", "hill"),
    "PlaceFilterInput.campusId": ("places", "campusId", "ridge"),
    "SpaceFilterInput.subplaceId": ("spaces", "subplaceId", "hilltop-level"),
    "DeviceFilterInput.spaceId": ("devices", "spaceId", "hilltop-1"),
}
"""Path: the list it filters, and the other's object, by which the list is empty."""
