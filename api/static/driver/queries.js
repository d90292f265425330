// The operation by which a signed-in driver's vehicles are offered instead of typing a code.

export const VEHICLES = /* GraphQL */ `
  query DriverVehicles {
    viewer { vehicles(first: 50) { nodes { id plate name } } }
  }`;
