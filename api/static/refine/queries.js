// The operations of the attendants' queue; they are also examples for other frontends.

const REFUSAL = "... on Refusal { code message }";
const QUESTION = "id state words floor area bay askedAt takenAt isMine answeredAt reason version";

export const VIEWER = /* GraphQL */ `
  query WhoAttends { viewer { memberships { roles organisation { id } } } }`;

export const PLACES = /* GraphQL */ `
  query PlacesToAttend($after: String) {
    places(first: 100, after: $after) {
      nodes { id name timeZone organisation { id } }
      pageInfo { hasNextPage endCursor }
    }
  }`;

export const QUEUE_LIVE = /* GraphQL */ `
  subscription RefinementQueue($id: ID!) {
    refinementQueue(placeId: $id) {
      ... on RefinementQueueUpdate { kind requests { ${QUESTION} } goneIds }
      ${REFUSAL}
    }
  }`;

/** What was answered, to be corrected; or given up. */
export const ANSWERED = /* GraphQL */ `
  query AnsweredRefinements($id: ID!) {
    place(id: $id) { refinementQueue(states: [ANSWERED, FAILED]) { ${QUESTION} } }
  }`;

export const TAKE = /* GraphQL */ `
  mutation TakeRefinement($id: ID!, $key: String!) {
    takeRefinement(requestId: $id, idempotencyKey: $key) { __typename ${REFUSAL} }
  }`;

export const HAND_BACK = /* GraphQL */ `
  mutation HandBackRefinement($id: ID!, $key: String!) {
    handBackRefinement(requestId: $id, idempotencyKey: $key) { __typename ${REFUSAL} }
  }`;

export const ANSWER = /* GraphQL */ `
  mutation AnswerRefinement($input: AnswerRefinementInput!, $key: String!) {
    answerRefinement(input: $input, idempotencyKey: $key) { __typename ${REFUSAL} }
  }`;

export const FAIL = /* GraphQL */ `
  mutation FailRefinement($id: ID!, $reason: String!, $key: String!) {
    failRefinement(requestId: $id, reason: $reason, idempotencyKey: $key) { __typename ${REFUSAL} }
  }`;
