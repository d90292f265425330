"""The operations of the verification page. They are the public schema's: any frontend may send
them."""

from typing import Final

MONEY: Final = "{ amountMinor currency }"
VEHICLE_RIGHT: Final = f"""{{
  id state name kind value currency worthMax {MONEY} issuerName placeName timeZone
  validFrom validUntil isTransferable
}}"""

OFFER: Final = f"""
query GrantOffer($code: String!) {{
  grantCode(code: $code) {{
    state validFrom validUntil place {{ name address timeZone }} issuerName
    needsReference needsPosition isRotating isStale ticket
    right {{
      name kind value currency worthMax {MONEY} placeNames
      terms {{
        periodFrom periodUntil weekdays windows {{ startsAt endsAt }} delayMinutes validMinutes
        leftover isTransferable stacks needsPresence
      }}
    }}
  }}
}}"""

CLAIM: Final = f"""
mutation ClaimRight(
  $code: String!, $vehicle: VehicleProofInput!, $position: PositionInput, $reference: String!,
  $key: String!
) {{
  claimRight(
    grantCode: $code, vehicle: $vehicle, position: $position, reference: $reference,
    idempotencyKey: $key
  ) {{
    ... on RightClaimed {{ right {VEHICLE_RIGHT} isNew rights {VEHICLE_RIGHT} }}
    ... on TooManyTries {{ retryAfterSeconds }}
    ... on Refusal {{ code message }}
  }}
}}"""
