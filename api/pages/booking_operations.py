"""The operations of a booking's page. They are the public schema's: any frontend may send them."""

from typing import Final

_MONEY = "{ amountMinor currency }"
_PLAN = "{ xMetres yMetres widthMetres lengthMetres rotationDegrees }"
_LINES = "{ kind lineId name startsAt endsAt quantity unit percent amountMinor }"
_SETTLED = ("cost", "validation", "toppedUp", "receivable", "refund")
_FUNDING = f"""... on NotFunded {{ missing {_MONEY} }}
    ... on DebtOutstanding {{ owed {_MONEY} }}
    ... on PaymentActionNeeded {{ url }}
    ... on PaymentDeclined {{ reason }}"""
_REFUSAL = "... on Refusal { code message }"

_POINT = "{ kind name isInPlace level levelName xMetres yMetres metres }"
_ORDER = f"""order {{
      orderRef merchantName unitName serviceAt serviceEndsAt party locale payer arrivedAt
      mayArrive arriveFrom isLetIn keptUntil mayEraseGuest
      way {{ drive {_POINT} walk {_POINT} }}
    }}"""

BOOKING: Final = f"""
query BookingPage($token: String!) {{
  bookingByLink(token: $token) {{
    reservationId state version startsAt endsAt holdUntil plate guestName reason
    price {_MONEY} refund {_MONEY} refundIfCancelled {_MONEY} lines {_LINES}
    place {{ name address timeZone position {{ latitude longitude }} }}
    space {{ number level lock }}
    bays {{ number isYours plan {_PLAN} }}
    mayExtend mayConfirm mayCancel mayMoveLock hasKey hasReader opensAt isOpen
    accesses {{ at kind outcome isOffline }}
    session {{ startedAt endedAt overstaySince price {_MONEY} lines {_LINES} }}
    agreement {{ version }}
    money {{
      rail state secured {_MONEY} hasAction
      settlement {{ {" ".join(f"{name} {_MONEY}" for name in _SETTLED)} }}
    }}
    receipts {{ number }}
    {_ORDER}
  }}
}}"""

AGREEMENT: Final = """
query BookingAgreement($token: String!) {
  bookingByLink(token: $token) {
    reservationId
    agreement { version terms digest renterAcceptedAt lessorAcceptedAt createdAt }
  }
}"""

RECEIPTS: Final = """
query BookingReceipts($token: String!) {
  bookingByLink(token: $token) { receipts { number body digest } }
}"""

CHARGE_RECORD: Final = """
query ReceiptPage($number: String!) {
  chargeRecord(number: $number) { number body digest credits { number body digest } }
}"""

QUOTE_EXTENSION: Final = f"""
mutation QuoteExtensionByLink($token: String!, $endsAt: DateTime!, $key: String!) {{
  quoteExtensionByLink(token: $token, endsAt: $endsAt, idempotencyKey: $key) {{
    ... on ExtensionQuotedByLink {{ quoteId endsAt expiresAt price {_MONEY} }}
    {_REFUSAL}
  }}
}}"""

EXTEND: Final = f"""
mutation ExtendByLink($token: String!, $quoteId: ID!, $key: String!) {{
  extendByLink(token: $token, quoteId: $quoteId, idempotencyKey: $key) {{
    ... on ExtendedByLink {{ booking {{ endsAt }} }}
    {_FUNDING}
    {_REFUSAL}
  }}
}}"""

CONFIRM: Final = f"""
mutation ConfirmByLink($token: String!, $key: String!) {{
  confirmByLink(token: $token, idempotencyKey: $key) {{
    ... on ConfirmedByLink {{ booking {{ state }} }}
    {_FUNDING}
    {_REFUSAL}
  }}
}}"""

CANCEL: Final = f"""
mutation CancelByLink($token: String!, $key: String!) {{
  cancelByLink(token: $token, idempotencyKey: $key) {{
    ... on CancelledByLink {{ booking {{ state refund {_MONEY} }} }}
    {_REFUSAL}
  }}
}}"""

REFRESH_QR: Final = f"""
mutation RefreshQrByLink($token: String!, $key: String!) {{
  refreshQrByLink(token: $token, idempotencyKey: $key) {{
    ... on QrRefreshedByLink {{ svg expiresAt }}
    {_REFUSAL}
  }}
}}"""

RENEW_KEY: Final = f"""
mutation RenewKeyByLink($token: String!, $key: String!) {{
  renewKeyByLink(token: $token, idempotencyKey: $key) {{
    ... on KeyRenewedByLink {{ number }}
    {_REFUSAL}
  }}
}}"""

MOVE_LOCK: Final = f"""
mutation MoveLockByLink($token: String!, $target: LockTarget!, $key: String!) {{
  moveLockByLink(token: $token, target: $target, idempotencyKey: $key) {{
    ... on LockOrderedByLink {{ booking {{ state }} }}
    {_REFUSAL}
  }}
}}"""

ARRIVE: Final = f"""
mutation ArriveByLink($token: String!, $key: String!) {{
  arriveByLink(token: $token, idempotencyKey: $key) {{
    ... on ArrivedByLink {{ outcome }}
    {_REFUSAL}
  }}
}}"""

ERASE_GUEST: Final = f"""
mutation EraseGuestByLink($token: String!, $key: String!) {{
  eraseGuestByLink(token: $token, idempotencyKey: $key) {{
    ... on GuestErasedByLink {{ booking {{ state }} }}
    {_REFUSAL}
  }}
}}"""
