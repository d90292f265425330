// The operations of the daily close; they are also examples for other frontends.

import { SUMS } from "../shared/sums.js";

export const RUN_BY = /* GraphQL */ `
  query CloseViewer { viewer { memberships { organisation { id } roles } } }`;

export const PLACES = /* GraphQL */ `
  query ClosePlaces($after: String) {
    places(first: 100, after: $after) {
      nodes { id name timeZone organisation { id } }
      pageInfo { hasNextPage endCursor }
    }
  }`;

export const CLOSE = /* GraphQL */ `
  query DailyClose($id: ID!, $day: Date!) {
    place(id: $id) {
      dailyClose(day: $day) {
        day sums { ${SUMS} } spaces { number sums { ${SUMS} } } credits credited { amountMinor currency }
      }
    }
  }`;

export const CLOSE_LIVE = /* GraphQL */ `
  subscription CloseLive($id: ID!) {
    settlements(placeId: $id) {
      ... on SettlementsUpdate { kind settlements { id version } }
      ... on Refusal { code message }
    }
  }`;
