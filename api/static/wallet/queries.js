// The operations of the wallet's page; they are also examples for other frontends.

import { DISPUTE } from "../shared/disputes.js";

const MONEY = "{ amountMinor currency }";
const REFUSAL = "... on Refusal { code message }";

export const WALLET = /* GraphQL */ `
  query Wallet {
    viewer {
      wallets { currency balance ${MONEY} held ${MONEY} available ${MONEY} debt ${MONEY} }
      paymentAccounts { id rail label isDefault }
      chargeRecords(first: 20) { nodes { number kind amount ${MONEY} issuedAt link settlement { id } } }
    }
    disputes(first: 20) { nodes { ${DISPUTE} } }
  }`;

export const OPEN_DISPUTE = /* GraphQL */ `
  mutation OpenDispute($id: ID!, $amount: MinorUnits!, $reason: String!, $key: String!) {
    openDispute(settlementId: $id, amountMinor: $amount, reason: $reason, idempotencyKey: $key) { __typename ${REFUSAL} }
  }`;

export const STATEMENT = /* GraphQL */ `
  query WalletStatement($currency: Currency!, $after: String) {
    viewer {
      statement(currency: $currency, first: 100, after: $after) {
        nodes { transferId code subject reason at amount ${MONEY} balance ${MONEY} }
        pageInfo { hasNextPage endCursor }
      }
    }
  }`;

export const BALANCE_LIVE = /* GraphQL */ `
  subscription WalletLive {
    balance {
      ... on BalanceUpdate { wallets { currency balance ${MONEY} } }
      ${REFUSAL}
    }
  }`;

export const TOP_UP = /* GraphQL */ `
  mutation TopUpWallet($amount: MinorUnits!, $currency: Currency!, $account: ID, $key: String!) {
    topUpWallet(amountMinor: $amount, currency: $currency, paymentAccountId: $account, idempotencyKey: $key) {
      __typename
      ... on PaymentActionNeeded { url }
      ${REFUSAL}
    }
  }`;

export const SET_DEFAULT = /* GraphQL */ `
  mutation SetDefaultPaymentAccount($id: ID, $key: String!) {
    setDefaultPaymentAccount(paymentAccountId: $id, idempotencyKey: $key) { __typename ${REFUSAL} }
  }`;

export const REMOVE = /* GraphQL */ `
  mutation RemovePaymentAccount($id: ID!, $key: String!) {
    removePaymentAccount(paymentAccountId: $id, idempotencyKey: $key) { __typename ${REFUSAL} }
  }`;
