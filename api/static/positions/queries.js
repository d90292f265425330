// The operations of the positions' page; they are also examples for other frontends.

const REFUSAL = "... on Refusal { code message }";
const VERSION = `
  id number kind source at floor area bay note accuracyMetres coordinates { latitude longitude }
  photo { id url widthPixels heightPixels }`;
const BINDING = `
  id state scope until side name askedBy way askedAt answerUntil answeredAt endedAt endedBy position { id title placeName }`;
const LINK = `
  id label hasPasscode wrongTries views viewsMax isOpen expiresAt revokedAt revokedReason createdAt`;
const DELEGATION = `
  id isOwn label state payer validUntil openedAt usedAt endedAt placeName timeZone version
  amountMax { amountMinor currency } paid { amountMinor currency }`;
const QUESTION = "id terminal state words askedAt takenAt answeredAt reason version";
const BAYS = `
  bays { number isTheCar plan { xMetres yMetres widthMetres lengthMetres rotationDegrees } }`;

/** All of one position; what only its sharer is told is null or empty to others. */
export const POSITION = /* GraphQL */ `
  query PositionInFull($id: ID!) {
    node(id: $id) {
      ... on ParkingPosition {
        id isOwn sharerName shownUntil title state version change createdAt placeName timeZone place { id name }
        newest { ${VERSION} ${BAYS} }
        versions { ${VERSION} }
        photoUploadUrl
        receivers { ${BINDING} }
        links { ${LINK} }
        accesses { at outcome version device link { id label } binding { id name } }
        refinements { ${QUESTION} }
        reservation { id state startsAt endsAt price { amountMinor currency } exitDelegations { ${DELEGATION} } }
      }
    }
  }`;

/** What stands beside the positions: people, bookings, rights to fetch others' cars, former stays. */
export const ASIDE = /* GraphQL */ `
  query PositionsAside {
    viewer {
      person { name }
      positionBindings(first: 100) { nodes { ${BINDING} } }
      exitDelegations { ${DELEGATION} }
      reservations(filter: {states: [CONFIRMED, ACTIVE]}, first: 20) {
        nodes { id state startsAt endsAt place { id name timeZone } space { number } }
      }
      positions(isActive: false, first: 20) {
        nodes { id title placeName timeZone createdAt endedAt newest { id floor area bay } }
      }
    }
  }`;

export const PLACES = /* GraphQL */ `
  query PlacesToParkAt($after: String) {
    places(first: 100, after: $after) { nodes { id name } pageInfo { hasNextPage endCursor } }
  }`;

export const POSITIONS_LIVE = /* GraphQL */ `
  subscription MyPositions {
    sharedPositions { ... on SharedPositionsUpdate { kind positions { id isOwn change } goneIds } ${REFUSAL} }
  }`;

export const EXIT_LIVE = /* GraphQL */ `
  subscription MyExitDelegation($id: ID!) {
    exitDelegation(id: $id) { ... on ExitDelegationUpdate { delegation { id state version } } ${REFUSAL} }
  }`;

export const UPLOAD = /* GraphQL */ `
  query WhereToSendAPhoto($id: ID!) { node(id: $id) { ... on ParkingPosition { photoUploadUrl } } }`;

export const RECORD = /* GraphQL */ `
  mutation RecordPosition($input: RecordPositionInput!, $key: String!) {
    recordPosition(input: $input, idempotencyKey: $key) { ... on PositionRecorded { position { id } } ${REFUSAL} }
  }`;

export const REVISE = /* GraphQL */ `
  mutation RevisePosition($input: RevisePositionInput!, $key: String!) {
    revisePosition(input: $input, idempotencyKey: $key) { __typename ${REFUSAL} }
  }`;

export const ENTITLE = /* GraphQL */ `
  mutation EntitlePosition($id: ID!, $title: String!, $key: String!) {
    entitlePosition(positionId: $id, title: $title, idempotencyKey: $key) { __typename ${REFUSAL} }
  }`;

export const END = /* GraphQL */ `
  mutation EndPosition($id: ID!, $key: String!) {
    endPosition(positionId: $id, idempotencyKey: $key) { __typename ${REFUSAL} }
  }`;

export const ERASE = /* GraphQL */ `
  mutation ErasePosition($id: ID!, $key: String!) {
    erasePosition(positionId: $id, idempotencyKey: $key) { __typename ${REFUSAL} }
  }`;

export const ERASE_ALL = /* GraphQL */ `
  mutation ErasePositions($key: String!) {
    erasePositions(idempotencyKey: $key) { ... on PositionsErased { positionCount bindingCount } ${REFUSAL} }
  }`;

export const ASK = /* GraphQL */ `
  mutation AskTerminal($id: ID!, $terminal: RefinementTerminal!, $words: String!, $key: String!) {
    requestRefinement(positionId: $id, terminal: $terminal, words: $words, idempotencyKey: $key) { __typename ${REFUSAL} }
  }`;

export const WITHDRAW = /* GraphQL */ `
  mutation AskNoMore($id: ID!, $key: String!) {
    withdrawRefinement(requestId: $id, idempotencyKey: $key) { __typename ${REFUSAL} }
  }`;

export const INVITE = /* GraphQL */ `
  mutation AskBinding($input: AskBindingInput!, $key: String!) {
    askBinding(input: $input, idempotencyKey: $key) { ... on BindingAsked { invitationPath binding { id } } ${REFUSAL} }
  }`;

export const RENAME = /* GraphQL */ `
  mutation RenameBinding($id: ID!, $name: String!, $key: String!) {
    renameBinding(bindingId: $id, name: $name, idempotencyKey: $key) { __typename ${REFUSAL} }
  }`;

export const UNBIND = /* GraphQL */ `
  mutation RevokeBinding($id: ID!, $closeLinks: Boolean!, $key: String!) {
    revokeBinding(bindingId: $id, closeLinks: $closeLinks, idempotencyKey: $key) { __typename ${REFUSAL} }
  }`;

export const MAKE_LINK = /* GraphQL */ `
  mutation MakePositionLink($input: NewPositionLinkInput!, $key: String!) {
    makePositionLink(input: $input, idempotencyKey: $key) { ... on PositionLinkMade { path link { id } } ${REFUSAL} }
  }`;

export const REVOKE_LINK = /* GraphQL */ `
  mutation RevokePositionLink($id: ID!, $key: String!) {
    revokePositionLink(linkId: $id, idempotencyKey: $key) { __typename ${REFUSAL} }
  }`;

export const DELEGATE = /* GraphQL */ `
  mutation DelegateExit($input: DelegateExitInput!, $key: String!) {
    delegateExit(input: $input, idempotencyKey: $key) { ... on ExitDelegated { link delegation { id } } ${REFUSAL} }
  }`;

export const REVOKE_EXIT = /* GraphQL */ `
  mutation RevokeExit($id: ID!, $key: String!) {
    revokeExitDelegation(delegationId: $id, idempotencyKey: $key) { __typename ${REFUSAL} }
  }`;
