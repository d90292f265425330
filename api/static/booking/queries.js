// The live operation of a booking's page; it is public, like those the server asks for the page.

export const BOOKING = /* GraphQL */ `
  subscription BookingLive($token: String!) {
    bookingByLink(token: $token) {
      ... on BookingLinkUpdate { version state at }
      ... on Refusal { code message }
    }
  }`;
