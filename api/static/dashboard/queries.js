// The operations the dashboard sends; they are also examples for other frontends.

export const PLACES = /* GraphQL */ `
  query DashboardPlaces($text: String, $after: String) {
    places(text: $text, first: 100, after: $after) {
      nodes { id name timeZone state }
      pageInfo { hasNextPage endCursor }
    }
  }`;

export const PLACE = /* GraphQL */ `
  query DashboardPlace($id: ID!) {
    place(id: $id) {
      id name kind timeZone address version
      subplaces { id name kind level position }
      spaces(first: 500) {
        nodes {
          id number subplaceId
          attributes { isEv isAccessible heightMaxMetres }
          plan { xMetres yMetres widthMetres lengthMetres rotationDegrees }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }`;

export const MORE_SPACES = /* GraphQL */ `
  query DashboardMoreSpaces($id: ID!, $after: String!) {
    place(id: $id) {
      spaces(first: 500, after: $after) {
        nodes {
          id number subplaceId
          attributes { isEv isAccessible heightMaxMetres }
          plan { xMetres yMetres widthMetres lengthMetres rotationDegrees }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }`;

export const OCCUPANCY = /* GraphQL */ `
  subscription DashboardOccupancy($placeId: ID!, $after: Version) {
    placeOccupancy(placeId: $placeId, after: $after) {
      ... on PlaceOccupancyUpdate {
        kind version previousVersion at state
        counts { total available reserved occupied closed unknown }
        spaces { spaceId number status occupancy observedAt source service claim lock version }
      }
      ... on Refusal { code message }
    }
  }`;

export const HISTORY = /* GraphQL */ `
  query DashboardHistory($id: ID!, $startsAt: DateTime!, $endsAt: DateTime!) {
    place(id: $id) {
      occupancyHistory(startsAt: $startsAt, endsAt: $endsAt, bucketMinutes: 15) {
        buckets { startsAt endsAt utilisation }
      }
    }
  }`;

const HEALTH_FIELDS = `
  lastSeenAt isStale batteryPercent batteryVolts isBatteryLow rssiDbm errorCodes`;

export const DEVICES = /* GraphQL */ `
  query DashboardDevices($placeId: ID!, $after: String) {
    devices(placeId: $placeId, filter: { isRevoked: false }, first: 500, after: $after) {
      nodes { id endpoint kind space { number } health { ${HEALTH_FIELDS} } }
      pageInfo { hasNextPage endCursor }
    }
  }`;

export const DEVICE_HEALTH = /* GraphQL */ `
  subscription DashboardDeviceHealth($placeId: ID!) {
    deviceHealth(placeId: $placeId) {
      ... on DeviceHealthUpdate { kind devices { deviceId ${HEALTH_FIELDS} } }
      ... on Refusal { code message }
    }
  }`;

export const VIEWER = /* GraphQL */ `
  query DashboardViewer {
    viewer { person { name phone email } }
  }`;

export const STANDING = /* GraphQL */ `
  query DashboardStanding($id: ID!) {
    place(id: $id) { organisation { id } }
    viewer { memberships { organisation { id } roles } }
  }`;

export const ALARMS = /* GraphQL */ `
  subscription DashboardAlarms($placeId: ID!) {
    alarms(placeId: $placeId) {
      ... on AlarmsUpdate { alarms { id kind detail raisedAt acknowledgedAt space { number } } }
      ... on Refusal { code message }
    }
  }`;

export const ACKNOWLEDGE = /* GraphQL */ `
  mutation DashboardAcknowledge($id: ID!, $key: String!) {
    acknowledgeAlarm(alarmId: $id, idempotencyKey: $key) { __typename ... on Refusal { code message } }
  }`;

export const TITLES = /* GraphQL */ `
  query DashboardTitles($placeId: ID!) {
    titles(filter: { placeId: $placeId, states: [REQUESTED] }, first: 100) {
      nodes { id documentReference organisationName requestedAt space { number } }
    }
  }`;

export const APPROVE_TITLE = /* GraphQL */ `
  mutation DashboardApproveTitle($id: ID!, $key: String!) {
    approveTitles(titleIds: [$id], idempotencyKey: $key) { __typename ... on Refusal { code message } }
  }`;

export const DECLINE_TITLE = /* GraphQL */ `
  mutation DashboardDeclineTitle($id: ID!, $reason: String!, $key: String!) {
    declineTitles(titleIds: [$id], reason: $reason, idempotencyKey: $key) { __typename ... on Refusal { code message } }
  }`;
