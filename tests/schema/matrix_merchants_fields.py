"""The fields of merchants: the part of `matrix_fields` that is about them."""

MERCHANT_NODES: dict[str, str] = {
    "MerchantOrder": "id orderRef organisationId state source stamp wantsParking serviceAt"
    " serviceEndsAt party guestName guestPhone guestLocale plate needs startsAt endsAt walkMetres"
    " arrivedAt merchantName unitName"
    " reservationState reasonCode reason version createdAt changedAt unit place waitsAt space"
    " reservation link events",
    "MerchantUnit": "id name externalId state level xMetres yMetres leadMinutes tailMinutes"
    " stayMinutes raiseMinutes payer locale ordersPerDayMax toldEmail toldPhone toldSteps version"
    " createdAt changedAt organisation campus places senders",
}

ORGANISATION_MERCHANTS = " merchantUnits merchantHooks merchantSms"

MERCHANT_PARTS: dict[str, str] = {
    **{f"Merchant{each}Connection": "nodes pageInfo edges" for each in ("Order", "Sms", "Unit")},
    **{f"Merchant{each}Edge": "cursor node" for each in ("Order", "Sms", "Unit")},
    "DemandSlot": "startsAt endsAt booked waiting refused taken spaces",
    "MerchantHook": "id publicId link createdAt",
    "MerchantOrderEvent": "version kind at detail",
    "MerchantSender": "id number createdAt",
    "MerchantSms": "id sender text receivedAt handledAt result understood answer unit order",
    "SmsProblem": "field trouble said",
    "SmsUnderstood": "action orderRef serviceAt serviceEndsAt party guestName guestPhone"
    " guestLanguage plate wantsParking isAccessible isEv shiftMinutes problems",
    "OrderNeeds": "isAccessible isEv heightMetres",
    "PlanConnector": "kind name placeId level xMetres yMetres",
}

MERCHANT_UPDATES: dict[str, str] = {"MerchantOrdersUpdate": "kind orders goneIds"}

MERCHANT_OUTCOMES: dict[str, str] = {
    "MerchantHookCreated": "hook secret",
    "MerchantHookRevoked": "hookId",
    "MerchantOrderCancelled": "order",
    "MerchantOrderGuestErased": "order",
    "MerchantOrderPlaced": "order",
    "MerchantSenderAllowed": "unit",
    "MerchantSenderRevoked": "senderId",
    "MerchantUnitCreated": "unit",
    "MerchantUnitUpdated": "unit",
    "PlanConnectorsSet": "campus",
}

MERCHANT_QUERIES = "merchantOrders merchantDemand"
"""Root fields; each is asked by every role in `test_matrix_merchants`."""
