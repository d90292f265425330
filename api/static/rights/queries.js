// The operations of the page of rights; they are also examples for other frontends.

const MONEY = "{ amountMinor currency }";
const REFUSAL = "... on Refusal { code message } ... on InvalidInput { field }";
const PAGE = "pageInfo { hasNextPage endCursor }";

export const VIEWER = /* GraphQL */ `
  query RightsViewer { viewer { memberships { organisation { id name } roles } } }`;

const CONTRACT = `
  id state currency quota granted budget ${MONEY} committed ${MONEY} spent ${MONEY} price ${MONEY} worthMax ${MONEY} perStayMax
  validUntil reason issuerName operatorName placeName issuerId operatorId placeId version`;

const SPECIFICATION = `id state name kind value currency worthMax ${MONEY} version`;

const CODE = `
  id kind state label link uses usesMax validUntil reason needsReference
  worthMax ${MONEY} specification { ${SPECIFICATION} } contract { id placeName issuerName } place { timeZone }`;

const SIGNAL = `id kind at seenAt grantCode { label link contract { placeName } }`;

export const PLACES = /* GraphQL */ `
  query RightsPlaces($after: String) {
    places(first: 100, after: $after) { nodes { id name timeZone currency organisation { id } } ${PAGE} }
  }`;

export const ISSUER = /* GraphQL */ `
  query RightsIssuer($id: ID!) {
    node(id: $id) {
      ... on Organisation {
        rightsContracts(first: 100) { nodes { ${CONTRACT} } }
        rightSpecifications(first: 100) { nodes { ${SPECIFICATION} } }
        rightsInvoices(first: 24) { nodes { number month redemptions amount ${MONEY} issuedAt } }
        rightsSignals(isSeen: false, first: 20) { nodes { ${SIGNAL} } }
      }
    }
  }`;

export const CODES = /* GraphQL */ `
  query RightsCodes($id: ID!, $after: String) {
    node(id: $id) { ... on Organisation { grantCodes(first: 100, after: $after) { nodes { ${CODE} } ${PAGE} } } }
  }`;

const FIGURES = `granted held redeemed used lapsed revoked paidByIssuer ${MONEY} paidByOperator ${MONEY}`;

export const STATISTICS = /* GraphQL */ `
  query RightsStatistics($id: ID!, $since: Date!) {
    node(id: $id) {
      ... on RightSpecification { statistics { total { ${FIGURES} } days(since: $since) { day figures { ${FIGURES} } } } }
    }
  }`;

export const OPERATOR = /* GraphQL */ `
  query RightsOperator($id: ID!) {
    node(id: $id) { ... on Organisation { offeredRightsContracts(first: 100) { nodes { ${CONTRACT} } } } }
  }`;

export const PLACE = /* GraphQL */ `
  query RightsPlace($id: ID!) {
    place(id: $id) {
      exitCodes(first: 100) { nodes { id label link revokedAt } }
      rightsRule { perStayMax needsProof }
      rightsSignals(isSeen: false, first: 20) { nodes { ${SIGNAL} } }
    }
  }`;

export const REDEMPTIONS = /* GraphQL */ `
  query RightsRedemptions($id: ID!, $after: String) {
    place(id: $id) {
      redemptions(first: 100, after: $after) {
        nodes {
          id at plate state way expected ${MONEY} paidByIssuer ${MONEY} paidByOperator ${MONEY}
          right { kind value: grantedValue currency worthMax ${MONEY} issuerName }
        }
        ${PAGE}
      }
    }
  }`;

const mutation = (name, parameters, field) => /* GraphQL */ `
  mutation ${name}(${parameters}, $key: String!) { ${field.replace(/\)$/, ", idempotencyKey: $key)")} { __typename ${REFUSAL} } }`;

export const ACCEPT = mutation("AcceptContract", "$id: ID!, $version: Version!", "acceptRightsContract(contractId: $id, version: $version)");
export const DECLINE = mutation("DeclineContract", "$id: ID!, $reason: String!", "declineRightsContract(contractId: $id, reason: $reason)");
export const END = mutation("EndContract", "$id: ID!, $reason: String!", "endRightsContract(contractId: $id, reason: $reason)");
export const LIMIT = mutation("LimitContract", "$input: SetRightsContractLimitsInput!", "setRightsContractLimits(input: $input)");
export const OFFER = mutation("OfferContract", "$input: OfferRightsContractInput!", "offerRightsContract(input: $input)");
export const MAKE_SPECIFICATION = mutation("MakeSpecification", "$input: CreateRightSpecificationInput!", "createRightSpecification(input: $input)");
export const ARCHIVE = mutation("ArchiveSpecification", "$id: ID!", "archiveRightSpecification(specificationId: $id)");
export const MAKE_CODES = mutation("MakeCodes", "$input: CreateGrantCodesInput!", "createGrantCodes(input: $input)");
export const REVOKE = mutation("RevokeCodes", "$ids: [ID!]!, $reason: String!", "revokeGrantCodes(grantCodeIds: $ids, reason: $reason)");
export const REISSUE = mutation("ReissueCode", "$id: ID!, $reason: String!", "reissueGrantCode(grantCodeId: $id, reason: $reason)");
export const MAKE_EXIT = mutation("MakeExit", "$id: ID!, $label: String!", "createExitCode(placeId: $id, label: $label)");
export const REVOKE_EXIT = mutation("RevokeExit", "$id: ID!", "revokeExitCode(exitCodeId: $id)");
export const SET_RULE = mutation(
  "SetRule", "$id: ID!, $perStayMax: Int!, $needsProof: Boolean!",
  "setPlaceRightsRule(placeId: $id, perStayMax: $perStayMax, needsProof: $needsProof)",
);
export const SEE = mutation("SeeSignals", "$ids: [ID!]!", "markRightsSignalsSeen(signalIds: $ids)");

export const ISSUED_LIVE = /* GraphQL */ `
  subscription RightsLive($id: ID!) {
    issuedRights(organisationId: $id) {
      ... on IssuedRightsUpdate { kind rights { id version } redemptions { id state } signals { id } }
      ... on Refusal { code message }
    }
  }`;
