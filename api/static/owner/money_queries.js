// The operations of an organisation's money; they are also examples for other frontends.

import { DISPUTE } from "../shared/disputes.js";

const MONEY = "{ amountMinor currency }";
const FIGURES = `bookings cost ${MONEY} platform ${MONEY} property ${MONEY} tax ${MONEY} changed ${MONEY} earned ${MONEY}`;

export const EARNINGS = /* GraphQL */ `
  query OwnerEarnings($id: ID!, $first: Date!, $until: Date!, $by: CalendarStep!) {
    node(id: $id) {
      ... on Organisation {
        earnings(firstDay: $first, untilDay: $until, by: $by) {
          currency timeZone
          buckets { firstDay untilDay figures { bookings earned ${MONEY} } }
          total { ${FIGURES} }
        }
      }
    }
  }`;

export const ACCOUNT = /* GraphQL */ `
  query OwnerAccount($id: ID!) {
    node(id: $id) {
      ... on Organisation {
        owed { currency owner ${MONEY} property ${MONEY} sending ${MONEY} validations ${MONEY} }
        payoutTerms { schedule day delayDays minimumMinor rail reference timeZone nextAt }
        payouts(first: 20) { nodes { id state amount ${MONEY} rail reason changedAt } }
        chargeRecords(first: 20) { nodes { id number kind amount ${MONEY} issuedAt link credits { amount ${MONEY} } } }
      }
    }
  }`;

export const ITEMS = /* GraphQL */ `
  query OwnerPayoutItems($id: ID!) {
    node(id: $id) {
      ... on Payout { items(first: 100) { nodes { party cause amount ${MONEY} at settlement { chargeRecords { number link } } } } }
    }
  }`;

export const DISPUTES = /* GraphQL */ `
  query OwnerDisputes { disputes(first: 20) { nodes { ${DISPUTE} } } }`;

const REFUSAL = "... on Refusal { code message }";

export const SET_TERMS = /* GraphQL */ `
  mutation OwnerPayoutTerms($input: SetPayoutTermsInput!, $key: String!) {
    setPayoutTerms(input: $input, idempotencyKey: $key) { __typename ${REFUSAL} }
  }`;

export const CREDIT = /* GraphQL */ `
  mutation OwnerCredit($id: ID!, $amount: MinorUnits!, $reason: String!, $key: String!) {
    creditCharge(chargeRecordId: $id, amountMinor: $amount, reason: $reason, idempotencyKey: $key) { __typename ${REFUSAL} }
  }`;

export const MONEY_LIVE = /* GraphQL */ `
  subscription OwnerMoneyLive($id: ID!) {
    settlements(organisationId: $id) {
      ... on SettlementsUpdate { kind settlements { id version } }
      ... on Refusal { code message }
    }
  }`;
