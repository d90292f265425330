// The operations of the vehicles' page; they are also examples for other frontends.

const REFUSAL = "... on Refusal { code message }";
const RIGHT = `
  id state kind value currency worthMax { amountMinor currency } name issuerName placeName timeZone
  validFrom validUntil isTransferable place { id }`;

export const VEHICLES = /* GraphQL */ `
  query MyVehicles {
    viewer {
      vehicles(first: 50) {
        nodes {
          id country plate name hasCode codeSetAt version
          proofs { id state organisationName reason }
          rights(states: [HELD, REDEEMED], first: 50) { nodes { ${RIGHT} } }
        }
      }
    }
  }`;

export const PLACES = /* GraphQL */ `
  query PlacesToProveTo { places(first: 100) { nodes { id name } } }`;

export const RIGHTS_LIVE = /* GraphQL */ `
  subscription MyRights {
    rights { ... on RightsUpdate { kind rights { id state version } } ${REFUSAL} }
  }`;

export const ENROL = /* GraphQL */ `
  mutation EnrolVehicle($country: String!, $plate: String!, $name: String!, $key: String!) {
    enrolVehicle(country: $country, plate: $plate, name: $name, idempotencyKey: $key) { __typename ${REFUSAL} }
  }`;

export const RENAME = /* GraphQL */ `
  mutation RenameVehicle($id: ID!, $name: String!, $key: String!) {
    renameVehicle(vehicleId: $id, name: $name, idempotencyKey: $key) { __typename ${REFUSAL} }
  }`;

export const REMOVE = /* GraphQL */ `
  mutation RemoveVehicle($id: ID!, $key: String!) {
    removeVehicle(vehicleId: $id, idempotencyKey: $key) { __typename ${REFUSAL} }
  }`;

export const SET_CODE = /* GraphQL */ `
  mutation SetVehicleCode($id: ID!, $word: String!, $key: String!) {
    setVehicleCode(vehicleId: $id, word: $word, idempotencyKey: $key) { ... on VehicleCodeSet { vehicleCode } ${REFUSAL} }
  }`;

export const DELETE_CODE = /* GraphQL */ `
  mutation DeleteVehicleCode($id: ID!, $key: String!) {
    deleteVehicleCode(vehicleId: $id, idempotencyKey: $key) { __typename ${REFUSAL} }
  }`;

export const ASK_PROOF = /* GraphQL */ `
  mutation RequestVehicleProof($id: ID!, $place: ID!, $document: String!, $key: String!) {
    requestVehicleProof(vehicleId: $id, placeId: $place, documentReference: $document, idempotencyKey: $key) {
      __typename ${REFUSAL}
    }
  }`;

export const ENTER = /* GraphQL */ `
  mutation EnterWithRight($place: ID!, $vehicle: ID!, $until: DateTime!, $key: String!) {
    enterWithRight(placeId: $place, vehicleId: $vehicle, until: $until, idempotencyKey: $key) {
      ... on EnteredWithRight { reservation { link } } ${REFUSAL}
    }
  }`;

export const TRANSFER = /* GraphQL */ `
  mutation TransferRight($id: ID!, $code: String!, $key: String!) {
    transferRight(rightId: $id, toVehicleCode: $code, idempotencyKey: $key) { __typename ${REFUSAL} }
  }`;
