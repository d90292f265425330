// The operations of the owner's page; they are also examples for other frontends.

export const OWNER = /* GraphQL */ `
  query OwnerViewer {
    viewer { person { name } memberships { organisation { id name } roles } }
  }`;

const BOOKING = `
  id state startsAt endsAt holdUntil guestName plate reason listingId
  price { amountMinor currency } refund { amountMinor currency }
  space { number } place { name timeZone } agreement { terms }`;

export const BOOKINGS = /* GraphQL */ `
  query OwnerBookings($id: ID!, $filter: ReservationFilterInput, $after: String) {
    node(id: $id) {
      ... on Organisation {
        reservations(filter: $filter, first: 50, after: $after) {
          nodes { ${BOOKING} }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  }`;

export const STAYS = /* GraphQL */ `
  query OwnerStays($id: ID!, $filter: ReservationFilterInput, $after: String) {
    node(id: $id) {
      ... on Organisation {
        reservations(filter: $filter, first: 20, after: $after) {
          nodes {
            id
            sessions { state endedAt amount { amountMinor currency } lines { kind name lineId amountMinor } }
          }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  }`;

export const ACCESS = /* GraphQL */ `
  query OwnerAccess($id: ID!, $filter: ReservationFilterInput) {
    node(id: $id) {
      ... on Organisation {
        reservations(filter: $filter, first: 20) {
          nodes {
            id space { number } place { timeZone } agreement { terms }
            accessEvents { at kind outcome isOffline }
          }
        }
      }
    }
  }`;

export const LIVE = /* GraphQL */ `
  subscription OwnerBookingsLive($id: ID!) {
    reservations(organisationId: $id) {
      ... on ReservationsUpdate { kind reservations { id state version } }
      ... on Refusal { code message }
    }
  }`;

const REFUSAL = `... on Refusal { code message }`;

export const ACCEPT = /* GraphQL */ `
  mutation OwnerAccept($id: ID!, $key: String!) {
    acceptReservation(reservationId: $id, idempotencyKey: $key) { __typename ${REFUSAL} }
  }`;

export const DECLINE = /* GraphQL */ `
  mutation OwnerDecline($id: ID!, $reason: String!, $key: String!) {
    declineReservation(reservationId: $id, reason: $reason, idempotencyKey: $key) { __typename ${REFUSAL} }
  }`;

export const CANCEL = /* GraphQL */ `
  mutation OwnerCancel($id: ID!, $reason: String!, $key: String!) {
    cancelReservation(reservationId: $id, reason: $reason, idempotencyKey: $key) { __typename ${REFUSAL} }
  }`;

export const LISTINGS = /* GraphQL */ `
  query OwnerListings($id: ID!, $after: String) {
    listings(filter: { organisationId: $id }, first: 50, after: $after) {
      nodes {
        id name state mode placeName timeZone spaceCount
        exceptions { kind localFrom localUntil note }
      }
      pageInfo { hasNextPage endCursor }
    }
  }`;

export const OPENINGS = /* GraphQL */ `
  query OwnerOpenings($id: ID!, $startsAt: DateTime!, $endsAt: DateTime!) {
    listing(id: $id) { id openings(startsAt: $startsAt, endsAt: $endsAt) { startsAt endsAt } }
  }`;

export const CALENDAR = /* GraphQL */ `
  query OwnerCalendar($id: ID!) {
    listing(id: $id) { name calendar }
  }`;

export const TITLES = /* GraphQL */ `
  query OwnerTitles($id: ID!) {
    titles(filter: { organisationId: $id, states: [REQUESTED, DECLINED, REVOKED] }, first: 50) {
      nodes { id state documentReference reason space { number } }
    }
  }`;

const verb = (name) => /* GraphQL */ `
  mutation Owner_${name}($id: ID!, $key: String!) {
    ${name}(listingId: $id, idempotencyKey: $key) { __typename ... on Refusal { code message } }
  }`;

export const ACTIVATE = verb("activateListing");
export const PAUSE = verb("pauseListing");
export const WITHDRAW = verb("withdrawListing");
