// The operations of the page of orders; they are also examples for other frontends.

const REFUSAL = "... on Refusal { code message } ... on InvalidInput { field }";

export const VIEWER = /* GraphQL */ `
  query OrdersViewer { viewer { memberships { organisation { id name } roles } } }`;

export const PLACES = /* GraphQL */ `
  query OrdersPlaces($after: String) {
    places(first: 100, after: $after) { nodes { id name timeZone organisation { id } } pageInfo { hasNextPage endCursor } }
  }`;

export const UNITS = /* GraphQL */ `
  query OrdersUnits($id: ID!, $after: String) {
    node(id: $id) {
      ... on Organisation {
        merchantUnits(first: 100, after: $after) {
          nodes { id name state locale version toldEmail toldPhone toldSteps places { name timeZone } } pageInfo { hasNextPage endCursor }
        }
      }
    }
  }`;

const PARKED = `
  id version orderRef state reasonCode reservationState arrivedAt serviceAt startsAt endsAt party plate walkMetres
  place { name timeZone } space { number subplace { name level } }`;

export const ORDERS = /* GraphQL */ `
  query OrdersOfDays($filter: MerchantOrderFilterInput!, $after: String) {
    merchantOrders(filter: $filter, first: 100, after: $after) {
      nodes { ${PARKED} stamp guestName guestPhone link unit { id name } } pageInfo { hasNextPage endCursor }
    }
  }`;

export const SMS = /* GraphQL */ `
  query OrdersBySms($id: ID!, $filter: MerchantSmsFilterInput!, $after: String) {
    node(id: $id) {
      ... on Organisation {
        merchantSms(filter: $filter, first: 100, after: $after) {
          nodes {
            id receivedAt sender text result answer unit { name }
            understood { action orderRef serviceAt party guestName guestPhone plate shiftMinutes }
          }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  }`;

export const TELL_UNIT = /* GraphQL */ `
  mutation OrdersTold($input: UpdateMerchantUnitInput!, $key: String!) {
    updateMerchantUnit(input: $input, idempotencyKey: $key) {
      ... on MerchantUnitUpdated { unit { id version toldEmail toldPhone toldSteps } } ${REFUSAL}
    }
  }`;

export const PARKED_HERE = /* GraphQL */ `
  query OrdersAtPlace($filter: MerchantOrderFilterInput!, $after: String) {
    merchantOrders(filter: $filter, first: 100, after: $after) { nodes { ${PARKED} } pageInfo { hasNextPage endCursor } }
  }`;

export const DEMAND = /* GraphQL */ `
  query OrdersDemand($id: ID!, $from: DateTime!, $until: DateTime!) {
    merchantDemand(placeId: $id, startsAt: $from, endsAt: $until) { startsAt endsAt booked waiting refused taken spaces }
  }`;

export const PLACE = /* GraphQL */ `
  mutation OrdersPlace($input: PlaceMerchantOrderInput!, $key: String!) {
    placeMerchantOrder(input: $input, idempotencyKey: $key) {
      ... on MerchantOrderPlaced { order { ${PARKED} } } ${REFUSAL}
    }
  }`;

export const CANCEL = /* GraphQL */ `
  mutation OrdersCancel($unit: ID!, $ref: String!, $stamp: DateTime!, $key: String!) {
    cancelMerchantOrder(unitId: $unit, orderRef: $ref, stamp: $stamp, idempotencyKey: $key) {
      ... on MerchantOrderCancelled { order { id version state } } ${REFUSAL}
    }
  }`;

export const LIVE_OF_MERCHANT = /* GraphQL */ `
  subscription OrdersLive($id: ID!) {
    merchantOrders(organisationId: $id) {
      ... on MerchantOrdersUpdate { kind orders { id version } goneIds } ... on Refusal { code message }
    }
  }`;

export const LIVE_AT_PLACE = /* GraphQL */ `
  subscription OrdersAtPlaceLive($id: ID!) {
    merchantOrders(placeId: $id) {
      ... on MerchantOrdersUpdate { kind orders { id version } goneIds } ... on Refusal { code message }
    }
  }`;
