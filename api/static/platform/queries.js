// The operations of the platform's own people; they are also examples for other frontends.

import { DISPUTE } from "../shared/disputes.js";
import { SUMS } from "../shared/sums.js";

const MONEY = "{ amountMinor currency }";

export const TOTALS = /* GraphQL */ `
  query PlatformTotals($first: Date!, $until: Date!, $by: CalendarStep!, $timeZone: TimeZone!) {
    platformTotals(firstDay: $first, untilDay: $until, by: $by, timeZone: $timeZone) {
      currency total { ${SUMS} } buckets { firstDay sums { ${SUMS} } }
    }
  }`;

export const DISPUTES = /* GraphQL */ `
  query PlatformDisputes { disputes(states: [OPEN, APPEALED], first: 50) { nodes { ${DISPUTE} } } }`;

export const ORDERS = /* GraphQL */ `
  query PlatformOrders {
    railOrders(needsPerson: true, first: 50) {
      nodes {
        id kind state rail amount ${MONEY} attempts lastError createdAt
        payment { id purpose state } payout { id organisation { name } }
      }
    }
  }`;

export const RETRY = /* GraphQL */ `
  mutation RetryRailOrder($id: ID!, $key: String!) {
    retryRailOrder(orderId: $id, idempotencyKey: $key) { __typename ... on Refusal { code message } }
  }`;
