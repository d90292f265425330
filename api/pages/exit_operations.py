"""The operations of the exit's page. They are the public schema's: any frontend may send them."""

from typing import Final

from api.pages.grant_operations import MONEY

_REFUSAL: Final = """... on TooManyTries { retryAfterSeconds }
    ... on Refusal { code message }"""

_RIGHT: Final = f"{{ kind value currency worthMax {MONEY} issuerName }}"
_PLAN: Final = f"""{{
  plate spaceNumber startedAt cost {MONEY} paidByOthers {MONEY} due {MONEY} because
  used {{ right {_RIGHT} saves {MONEY} isNew }}
  unused {{ right {_RIGHT} why }}
}}"""

EXIT: Final = """
query ExitOffer($code: String!) {
  exitCode(code: $code) { place { name address timeZone } }
}"""

PLAN: Final = f"""
mutation PlanExit($code: String!, $vehicle: VehicleProofInput!) {{
  planExit(exitCode: $code, vehicle: $vehicle) {{
    ... on ExitPlanned {{ plan {_PLAN} }}
    {_REFUSAL}
  }}
}}"""

REDEEM: Final = f"""
mutation RedeemAtExit($code: String!, $vehicle: VehicleProofInput!, $key: String!) {{
  redeemAtExit(exitCode: $code, vehicle: $vehicle, idempotencyKey: $key) {{
    ... on ExitRedeemed {{ plan {_PLAN} redemptions {{ id }} lock }}
    {_REFUSAL}
  }}
}}"""

CANCEL: Final = f"""
mutation CancelRedemption($id: ID!, $vehicle: VehicleProofInput, $key: String!) {{
  cancelRedemption(redemptionId: $id, vehicle: $vehicle, idempotencyKey: $key) {{
    ... on RedemptionCancelled {{ redemption {{ id state }} }}
    {_REFUSAL}
  }}
}}"""
