"""The operations of the pages for somebody who was given an address: of a secure link, an
invitation, or a right to fetch a car. They are the public schema's: any frontend may send them."""

from typing import Final

_MONEY = "{ amountMinor currency }"
_AT = "{ latitude longitude }"
_BAYS = """bays {
      number isYours: isTheCar
      plan { xMetres yMetres widthMetres lengthMetres rotationDegrees }
    }"""
_WALK = "walk { kind name isInPlace level levelName xMetres yMetres metres }"
_REFUSAL = "... on Refusal { code message }"

OPEN_LINK: Final = f"""
mutation OpenPositionLink($token: String!, $code: String!, $agent: String!, $key: String!) {{
  openPositionLink(token: $token, passcode: $code, userAgent: $agent, idempotencyKey: $key) {{
    ... on PositionLinkOpened {{ position {{
      version saidAt source floor area bay note accuracyMetres expiresAt photoUrl
      place {{ name address timeZone position {_AT} }}
      coordinates {_AT}
      {_BAYS}
      {_WALK}
    }} }}
    ... on WrongPasscode {{ triesLeft }}
    ... on TooManyTries {{ retryAfterSeconds }}
    {_REFUSAL}
  }}
}}"""

INVITATION: Final = """
query BindingInvitation($token: String!) {
  bindingInvitation(token: $token) { askedBy name scope until way answerUntil }
}"""

ACCEPT_INVITATION: Final = f"""
mutation AcceptInvitation(
  $token: String!, $name: String, $reach: BindingReachInput, $key: String!
) {{
  acceptBinding(token: $token, name: $name, reach: $reach, idempotencyKey: $key) {{
    ... on BindingAccepted {{ binding {{ side name scope until }} }}
    {_REFUSAL}
  }}
}}"""

DECLINE_INVITATION: Final = f"""
mutation DeclineInvitation($token: String!, $key: String!) {{
  declineBinding(token: $token, idempotencyKey: $key) {{
    ... on BindingDeclined {{ declined }}
    {_REFUSAL}
  }}
}}"""

FETCHING: Final = f"""
query FetchingPage($token: String!) {{
  delegatedExit(token: $token) {{
    label state payer amountMax {_MONEY} validUntil openedAt usedAt version
    isParked hasCode hasCodeForFetcher hasGate
    placeName address placePosition {_AT} timeZone level spaceNumber
    {_BAYS}
    {_WALK}
  }}
}}"""

ACCEPT_FETCHING: Final = f"""
mutation AcceptFetching($token: String!, $key: String!) {{
  acceptExitDelegation(token: $token, idempotencyKey: $key) {{
    ... on ExitDelegationAccepted {{ exit {{ state }} }}
    ... on NotFunded {{ missing {_MONEY} }}
    ... on TooManyTries {{ retryAfterSeconds }}
    {_REFUSAL}
  }}
}}"""

FETCHING_QR: Final = f"""
mutation FetchingQr($token: String!, $key: String!) {{
  refreshDelegatedQr(token: $token, idempotencyKey: $key) {{
    ... on DelegatedQrRefreshed {{ svg expiresAt }}
    ... on TooManyTries {{ retryAfterSeconds }}
    {_REFUSAL}
  }}
}}"""
