// The live operation of a secure link's page: only whether the link still works.

export const LINK = /* GraphQL */ `
  subscription PositionLinkLive($token: String!) {
    positionLink(token: $token) {
      ... on PositionLinkUpdate { state }
      ... on Refusal { code message }
    }
  }`;
