// The operations of the page of who is to fetch a car, beside those the server asks for the page.

export const FETCHING = /* GraphQL */ `
  subscription FetchingLive($token: String!) {
    delegatedExit(token: $token) {
      ... on DelegatedExitUpdate { exit { version state hasCode hasCodeForFetcher } }
      ... on Refusal { code message }
    }
  }`;

export const WALLETS = /* GraphQL */ `
  query FetchingWallets {
    viewer { wallets { currency available { amountMinor currency } } }
  }`;
