"""The fields of positions and of questions to terminals: the part of `matrix_fields` that is about
them."""

from tests.schema.matrix_sharing_fields import POSITION_SHARING

POSITION_PHOTOS = " photoUploadUrl"
VERSION_PHOTOS = " photo"
VIEWER_POSITIONS = " positions shownPositions"
PLACE_REFINEMENTS = " refinementQueue"

POSITION_NODES: dict[str, str] = {
    "ParkingPosition": "id isOwn sharerName shownUntil title state version change createdAt"
    " changedAt endedAt newest versions placeName timeZone place reservation refinements"
    f"{POSITION_SHARING}{POSITION_PHOTOS}",
    "PositionVersion": "id number kind source at floor area bay coordinates accuracyMetres note"
    f" space bays{VERSION_PHOTOS}",
    "PositionPhoto": "id widthPixels heightPixels url",
    "RefinementRequest": "id terminal state words floor area bay askedAt takenAt isMine answeredAt"
    " reason version place position answer",
}
POSITION_PARTS: dict[str, str] = {
    "ParkingPositionConnection": "nodes pageInfo edges",
    "ParkingPositionEdge": "cursor node",
}
POSITION_UPDATES: dict[str, str] = {
    "RefinementQueueUpdate": "kind requests goneIds",
    "SharedPositionUpdate": "kind position versions isGone",
    "SharedPositionsUpdate": "kind positions goneIds",
}
POSITION_OUTCOMES: dict[str, str] = {
    "PositionEnded": "position",
    "PositionsErased": "positionCount bindingCount",
    "PositionRecorded": "position",
    "PositionRevised": "position",
    "RefinementChanged": "request",
    "RefinementRequested": "request",
}
