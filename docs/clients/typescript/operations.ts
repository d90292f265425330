// Made of the schema and of operations.graphql by `berth schema typescript`: edit operations.graphql.

/** An operation as it is sent. What it answers and is given is known to the compiler alone. */
export type Operation<Kind extends "query" | "mutation" | "subscription", Data, Variables> = {
  readonly kind: Kind;
  readonly name: string;
  readonly text: string;
  readonly types?: { data: Data; variables: Variables };
};

/** Where to look: exactly one of these. */
export type AvailabilityArea =
  /** In this box; distances are from its middle. */
  | { bbox: BoundingBoxInput; near?: never; placeId?: never }
  /** In this circle. */
  | { near: NearInput; bbox?: never; placeId?: never }
  /** In this place. */
  | { placeId: ID; bbox?: never; near?: never };

/** A box in WGS 84 degrees; west > east crosses the antimeridian (RFC 7946, 5.2). */
export type BoundingBoxInput = {
  /** Southern edge, -90 to 90. */
  south: number;
  /** Western edge, -180 to 180. */
  west: number;
  /** Northern edge, -90 to 90. */
  north: number;
  /** Eastern edge, -180 to 180. */
  east: number;
};

/** An ISO 4217 currency code, such as `EUR`. */
export type Currency = string;

/**
 * An instant as RFC 3339 text. Any offset is accepted, but there must be one; answers are in
 * UTC, with `Z`.
 */
export type DateTime = string;

/**
 * The `ID` scalar type represents a unique identifier, often used to refetch an object or as
 * key for a cache. The ID type appears in a JSON response as a String; however, it is not
 * intended to be human-readable. When expected as an input type, any string (such as `"4"`) or
 * integer (such as `4`) input value will be accepted as an ID.
 */
export type ID = string;

/** What the lock arm of the space says. */
export type LockState =
  /** Up: nobody can drive in. */
  | "RAISED"
  /** Down. */
  | "LOWERED"
  /** On its way. */
  | "MOVING"
  /** Something was in its way. */
  | "OBSTRUCTED"
  /** Moved by force. */
  | "FORCED"
  /** Out of order. */
  | "FAULT"
  /** Not reported, or there is no lock. */
  | "UNKNOWN";

/**
 * A whole number of a currency's minor unit, such as cents: within ±(2^53 - 1), as a JSON
 * number.
 */
export type MinorUnits = number;

/** A circle on the earth. */
export type NearInput = {
  /** Centre: degrees north, -90 to 90. */
  latitude: number;
  /** Centre: degrees east, -180 to 180. */
  longitude: number;
  /** Radius in metres. */
  radiusMetres?: number;
};

/** Whether a vehicle stands in the space. */
export type Occupancy =
  /** None does. */
  | "FREE"
  /** One does. */
  | "OCCUPIED"
  /** Not reported, or not for too long. */
  | "UNKNOWN";

/** How full a place is; with hysteresis, so that one car does not make it flicker. */
export type PlaceState =
  /** There are spaces. */
  | "SPACES_AVAILABLE"
  /** Few spaces are left. */
  | "ALMOST_FULL"
  /** No space is left. */
  | "FULL"
  /** The place, or every space of it, is closed. */
  | "CLOSED"
  /** Too many spaces are unknown to say. */
  | "UNKNOWN";

/** Where a reservation stands. The first four keep its space for it. */
export type ReservationState =
  /** Its lessor has not answered yet. */
  | "REQUESTED"
  /** Held for a short time, until it is confirmed. */
  | "PENDING_PAYMENT"
  /** Both sides have agreed. */
  | "CONFIRMED"
  /** The car is there. */
  | "ACTIVE"
  /** The car has left. */
  | "COMPLETED"
  /** Ended before its use, or declined. */
  | "CANCELLED"
  /** Not confirmed, or not answered, in time. */
  | "EXPIRED"
  /** Nobody came. */
  | "NO_SHOW";

/**
 * What to book. Of listing and space one may be left out: the listing that offers the space,
 * or a free space of the listing, is then chosen.
 */
export type ReserveSpaceInput = {
  /** When it shall begin. */
  startsAt: DateTime;
  /** When it shall end. */
  endsAt: DateTime;
  /** The listing. */
  listingId?: ID | null;
  /** The space. */
  spaceId?: ID | null;
  /** The vehicle; needed where a listing is for certain plates. */
  plate?: string;
  /** Who comes, if it is not the driver themselves. */
  guestName?: string;
};

/** The one word for display, derived from occupancy, service, claim and lock. */
export type SpaceStatus =
  /** Free, open and claimed by nobody. */
  | "AVAILABLE"
  /** Claimed, and nobody stands in it. */
  | "RESERVED"
  /** A vehicle stands in it. */
  | "OCCUPIED"
  /** The operator does not offer it. */
  | "CLOSED"
  /** Nobody can say. */
  | "UNKNOWN";

/** The IANA name of a time zone, such as `Europe/Berlin`. */
export type TimeZone = string;

/** How to apply an update. */
export type UpdateKind =
  /** It replaces everything known. */
  | "SNAPSHOT"
  /** It adds to what is known. */
  | "DELTA";

/** A counter that only grows: an integer from 0 to 2^53 - 1, as a JSON number. */
export type Version = number;

/** A window, `[startsAt, endsAt)`. */
export type WindowInput = {
  /** When it begins. */
  startsAt: DateTime;
  /** When it ends; not part of it. */
  endsAt: DateTime;
};

/** An amount of money; exact. */
export type Amount = {
  /** In the currency's minor unit: 1250 is 12.50 EUR, or 1250 JPY. */
  amountMinor: MinorUnits;
  /** What it is in. */
  currency: Currency;
};

/** A booking of a space for a window, `[startsAt, endsAt)`. */
export type Booking = {
  /** Opaque; stays the same for the object's life; names its type. */
  id: ID;
  /** Where it stands. */
  state: ReservationState;
  /** When it begins. */
  startsAt: DateTime;
  /** When it ends. */
  endsAt: DateTime;
  /** When it lapses unless it is confirmed, or answered; null: it does not. */
  holdUntil: DateTime | null;
  /** What it costs as booked. */
  price: Amount;
  /** The space; null if it was retired, or is in a place that is private to others. */
  space: {
    /** The number painted on it, unique in its place. */
    number: string;
  } | null;
  /** The place; null if it was retired, or is private to others. */
  place: {
    /** Its name. */
    name: string;
  } | null;
};

/** The state of one space at its last change. */
export type Bay = {
  /** The space's id. */
  spaceId: ID;
  /** The number painted on it. */
  number: string;
  /** The one word for display. */
  status: SpaceStatus;
  /** When a device or person last said so; not told again while nothing changes. */
  observedAt: DateTime | null;
};

export type PlacesNearVariables = {
  near: NearInput;
  first?: number | null;
};

export type PlacesNearData = {
  /** Places that the viewer may see, by name; with `near`, the nearest first. */
  places: {
    /** The objects of this page. */
    nodes: Array<{
      /** Opaque; stays the same for the object's life; names its type. */
      id: ID;
      /** Its name. */
      name: string;
      /** From the centre of `places(near)`; null elsewhere. */
      distanceMetres: number | null;
      /** How full it is. */
      state: PlaceState;
      /** How many spaces have each status. */
      counts: {
        /** All spaces in use: the sum of the others. */
        total: number;
        /** With status AVAILABLE. */
        available: number;
      };
    }>;
    /** Where this page lies. */
    pageInfo: {
      /** Whether there is more after this page. */
      hasNextPage: boolean;
      /** Cursor of the page's last object: give it as `after` to go on. */
      endCursor: string | null;
    };
  };
};

export const placesNear: Operation<"query", PlacesNearData, PlacesNearVariables> = {
  kind: "query",
  name: "PlacesNear",
  text: `query PlacesNear($near: NearInput!, $first: Int) {
  places(near: $near, first: $first) {
    nodes {
      id
      name
      distanceMetres
      state
      counts {
        total
        available
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}`,
};

export type PlaceLiveVariables = {
  id: ID;
};

export type PlaceLiveData = {
  /** A place; null when there is none, or none that the viewer may see. */
  place: {
    /** Its name. */
    name: string;
    /** Where its clocks are. */
    timeZone: TimeZone;
    /** Grows by one with every change in it. */
    version: Version;
    /** How full it is. */
    state: PlaceState;
    /** How many spaces have each status. */
    counts: {
      /** All spaces in use: the sum of the others. */
      total: number;
      /** With status AVAILABLE. */
      available: number;
      /** With status RESERVED. */
      reserved: number;
      /** With status OCCUPIED. */
      occupied: number;
      /** With status CLOSED. */
      closed: number;
      /** With status UNKNOWN. */
      unknown: number;
    };
    /** Its spaces in use, by number; at most 1000 a page. */
    spaces: {
      /** The objects of this page. */
      nodes: Array<{
        /** Opaque; stays the same for the object's life; names its type. */
        id: ID;
        /** The number painted on it, unique in its place. */
        number: string;
        /** The one word for display. */
        status: SpaceStatus;
        /** Whether a vehicle stands in it. */
        occupancy: {
          /** Whether a vehicle stands in it. */
          value: Occupancy;
          /** When a device or person last said so. Moves without a new `version`. */
          observedAt: DateTime | null;
        };
        /** What its lock arm says. */
        lock: {
          /** The arm's state; UNKNOWN without a lock. */
          state: LockState;
        };
      }>;
    };
  } | null;
};

export const placeLive: Operation<"query", PlaceLiveData, PlaceLiveVariables> = {
  kind: "query",
  name: "PlaceLive",
  text: `query PlaceLive($id: ID!) {
  place(id: $id) {
    name
    timeZone
    version
    state
    counts {
      total
      available
      reserved
      occupied
      closed
      unknown
    }
    spaces(first: 500) {
      nodes {
        id
        number
        status
        occupancy {
          value
          observedAt
        }
        lock {
          state
        }
      }
    }
  }
}`,
};

export type FindSpacesVariables = {
  area: AvailabilityArea;
  window: WindowInput;
  first?: number | null;
};

export type FindSpacesData = {
  /**
   * Spaces that the viewer can book for all of the window, nearest or cheapest first: in an
   * opening of an active listing, in service, without a live reservation, and free now if the
   * window begins now. A space that several listings offer is there once, by the cheapest of
   * them, of equals the oldest.
   */
  availableSpaces: {
    /** The objects of this page. */
    nodes: Array<{
      /** Give it to `reserveSpace` or `quoteSpace`, together with the space's id. */
      listingId: ID;
      /** The space. */
      space: {
        /** Opaque; stays the same for the object's life; names its type. */
        id: ID;
        /** The number painted on it, unique in its place. */
        number: string;
      } | null;
      /** The place that it is in. */
      place: {
        /** Opaque; stays the same for the object's life; names its type. */
        id: ID;
        /** Its name. */
        name: string;
      } | null;
      /** What the whole window costs there now; a quote binds it. */
      price: Amount;
      /** An estimate: 80 metres a minute, and a way 1.3 times as long. */
      walkMinutes: number | null;
    }>;
  };
};

export const findSpaces: Operation<"query", FindSpacesData, FindSpacesVariables> = {
  kind: "query",
  name: "FindSpaces",
  text: `query FindSpaces($area: AvailabilityArea!, $window: WindowInput!, $first: Int) {
  availableSpaces(area: $area, window: $window, first: $first) {
    nodes {
      listingId
      space {
        id
        number
      }
      place {
        id
        name
      }
      price {
        ...Amount
      }
      walkMinutes
    }
  }
}

fragment Amount on Money {
  amountMinor
  currency
}`,
};

export type QuoteSpaceVariables = {
  input: ReserveSpaceInput;
  idempotencyKey: string;
};

export type QuoteSpaceData = {
  /**
   * Ask what a window costs; the price binds until `expiresAt`, and holds no space. Who comes
   * does not matter yet.
   */
  quoteSpace: {
    __typename: "QuoteMade";
    /** The quote. */
    quote: {
      /** Opaque; stays the same for the object's life; names its type. */
      id: ID;
      /** Until when it binds. */
      expiresAt: DateTime;
      /**
       * What it costs; of an EXTENSION what it adds, which is below zero where a longer stay is
       * cheaper.
       */
      price: Amount;
      /** The priced lines of the whole stay. */
      lines: Array<{
        /** The rate line, cap, pass … that it is from. */
        lineId: string;
        /** How many units. */
        quantity: number;
        /** What is counted, such as an ISO 8601 duration. */
        unit: string;
        /** What it adds to the price. */
        amountMinor: MinorUnits;
      }>;
    };
  } | {
    __typename:
      | "InvalidInput"
      | "NotFound"
      | "NotPermitted"
      | "Conflict"
      | "IdempotencyKeyReused"
      | "TooManyTries"
      | "WindowTaken"
      | "SpaceClosed"
      | "SpaceOccupied"
      | "NotBookable";
    /** Stable, for programs: UPPER_SNAKE. */
    code: string;
    /** For people, in English: what was wrong, what was expected, what to do. */
    message: string;
  };
};

export const quoteSpace: Operation<"mutation", QuoteSpaceData, QuoteSpaceVariables> = {
  kind: "mutation",
  name: "QuoteSpace",
  text: `mutation QuoteSpace($input: ReserveSpaceInput!, $idempotencyKey: String!) {
  quoteSpace(input: $input, idempotencyKey: $idempotencyKey) {
    __typename
    ... on QuoteMade {
      quote {
        id
        expiresAt
        price {
          ...Amount
        }
        lines {
          lineId
          quantity
          unit
          amountMinor
        }
      }
    }
    ... on Refusal {
      code
      message
    }
  }
}

fragment Amount on Money {
  amountMinor
  currency
}`,
};

export type ReserveVariables = {
  quoteId: ID;
  idempotencyKey: string;
};

export type ReserveData = {
  /** Book what a quote binds: the space is held until `holdUntil`. */
  reserve: {
    __typename: "Reserved";
    /** PENDING_PAYMENT until it is confirmed; REQUESTED where the lessor is asked. */
    reservation: Booking;
  } | {
    __typename:
      | "InvalidInput"
      | "NotFound"
      | "NotPermitted"
      | "Conflict"
      | "IdempotencyKeyReused"
      | "WindowTaken"
      | "QuoteExpired"
      | "QuoteUsed"
      | "SpaceClosed"
      | "SpaceOccupied"
      | "NotBookable";
    /** Stable, for programs: UPPER_SNAKE. */
    code: string;
    /** For people, in English: what was wrong, what was expected, what to do. */
    message: string;
  };
};

export const reserve: Operation<"mutation", ReserveData, ReserveVariables> = {
  kind: "mutation",
  name: "Reserve",
  text: `mutation Reserve($quoteId: ID!, $idempotencyKey: String!) {
  reserve(quoteId: $quoteId, idempotencyKey: $idempotencyKey) {
    __typename
    ... on Reserved {
      reservation {
        ...Booking
      }
    }
    ... on Refusal {
      code
      message
    }
  }
}

fragment Booking on Reservation {
  id
  state
  startsAt
  endsAt
  holdUntil
  price {
    ...Amount
  }
  space {
    number
  }
  place {
    name
  }
}

fragment Amount on Money {
  amountMinor
  currency
}`,
};

export type ConfirmVariables = {
  reservationId: ID;
  idempotencyKey: string;
};

export type ConfirmData = {
  /** Make a hold a booking. For its driver, before it lapses. */
  confirmReservation: {
    __typename: "ReservationConfirmed";
    /** The reservation now. */
    reservation: {
      /** Opaque; stays the same for the object's life; names its type. */
      id: ID;
      /** Where it stands. */
      state: ReservationState;
      /** When it begins. */
      startsAt: DateTime;
      /** When it ends. */
      endsAt: DateTime;
      /** When it lapses unless it is confirmed, or answered; null: it does not. */
      holdUntil: DateTime | null;
      /** What it costs as booked. */
      price: Amount;
      /** The space; null if it was retired, or is in a place that is private to others. */
      space: {
        /** The number painted on it, unique in its place. */
        number: string;
      } | null;
      /** The place; null if it was retired, or is private to others. */
      place: {
        /** Its name. */
        name: string;
      } | null;
      /**
       * Path of its page, `/b/…`. Whoever has it may do there what the driver may, so it is for the
       * driver; null to everybody else.
       */
      link: string | null;
    };
  } | {
    __typename:
      | "InvalidInput"
      | "NotFound"
      | "NotPermitted"
      | "Conflict"
      | "IdempotencyKeyReused"
      | "HoldExpired"
      | "SpaceClosed"
      | "DebtOutstanding"
      | "PaymentDeclined"
      | "PaymentPending"
      | "TooManyTries";
    /** Stable, for programs: UPPER_SNAKE. */
    code: string;
    /** For people, in English: what was wrong, what was expected, what to do. */
    message: string;
  } | {
    __typename: "NotFunded";
    /** What the wallet lacks; null when it is not about the wallet. */
    missing: Amount | null;
    /** Stable, for programs: UPPER_SNAKE. */
    code: string;
    /** For people, in English: what was wrong, what was expected, what to do. */
    message: string;
  } | {
    __typename: "PaymentActionNeeded";
    /** Where to agree; null: see `clientSecret`. */
    url: string | null;
    /** Stable, for programs: UPPER_SNAKE. */
    code: string;
    /** For people, in English: what was wrong, what was expected, what to do. */
    message: string;
  };
};

export const confirm: Operation<"mutation", ConfirmData, ConfirmVariables> = {
  kind: "mutation",
  name: "Confirm",
  text: `mutation Confirm($reservationId: ID!, $idempotencyKey: String!) {
  confirmReservation(
    reservationId: $reservationId
    idempotencyKey: $idempotencyKey
  ) {
    __typename
    ... on ReservationConfirmed {
      reservation {
        ...Booking
        link
      }
    }
    ... on NotFunded {
      missing {
        ...Amount
      }
    }
    ... on PaymentActionNeeded {
      url
    }
    ... on Refusal {
      code
      message
    }
  }
}

fragment Booking on Reservation {
  id
  state
  startsAt
  endsAt
  holdUntil
  price {
    ...Amount
  }
  space {
    number
  }
  place {
    name
  }
}

fragment Amount on Money {
  amountMinor
  currency
}`,
};

export type MyBookingsVariables = {
  states?: Array<ReservationState> | null;
};

export type MyBookingsData = {
  /** Who is asking; null when nobody is signed in. */
  viewer: {
    /** The person; null for an API key. */
    person: {
      /** As they wrote it; may be empty. */
      name: string;
    } | null;
    /** The viewer's own reservations, the latest start first; none for an API key. */
    reservations: {
      /** The objects of this page. */
      nodes: Array<Booking>;
    };
  } | null;
};

export const myBookings: Operation<"query", MyBookingsData, MyBookingsVariables> = {
  kind: "query",
  name: "MyBookings",
  text: `query MyBookings($states: [ReservationState!]) {
  viewer {
    person {
      name
    }
    reservations(filter: { states: $states }, first: 20) {
      nodes {
        ...Booking
      }
    }
  }
}

fragment Booking on Reservation {
  id
  state
  startsAt
  endsAt
  holdUntil
  price {
    ...Amount
  }
  space {
    number
  }
  place {
    name
  }
}

fragment Amount on Money {
  amountMinor
  currency
}`,
};

export type PlaceOccupancyVariables = {
  placeId: ID;
  after?: Version | null;
};

export type PlaceOccupancyData = {
  /**
   * A place live: a SNAPSHOT, or the DELTA since version `after` while that is retained; then
   * DELTAs, each continuing the one before. After a loss, or when spaces were added, edited or
   * retired, a SNAPSHOT comes again.
   */
  placeOccupancy: {
    __typename: "PlaceOccupancyUpdate";
    /** How to apply it. */
    kind: UpdateKind;
    /** The place's version after this update. */
    version: Version;
    /** The version that a DELTA continues from; null in a SNAPSHOT. */
    previousVersion: Version | null;
    /** When it was committed; of a SNAPSHOT, read. */
    at: DateTime;
    /** How full the place is now. */
    state: PlaceState;
    /** Its counts now. */
    counts: {
      /** All spaces in use: the sum of the others. */
      total: number;
      /** With status AVAILABLE. */
      available: number;
      /** With status OCCUPIED. */
      occupied: number;
      /** With status UNKNOWN. */
      unknown: number;
    };
    /** All spaces in use in a SNAPSHOT, the changed ones in a DELTA. */
    spaces: Array<Bay>;
  } | {
    __typename: "NotFound";
    /** Stable, for programs: UPPER_SNAKE. */
    code: string;
    /** For people, in English: what was wrong, what was expected, what to do. */
    message: string;
  };
};

export const placeOccupancy: Operation<"subscription", PlaceOccupancyData, PlaceOccupancyVariables> = {
  kind: "subscription",
  name: "PlaceOccupancy",
  text: `subscription PlaceOccupancy($placeId: ID!, $after: Version) {
  placeOccupancy(placeId: $placeId, after: $after) {
    __typename
    ... on PlaceOccupancyUpdate {
      kind
      version
      previousVersion
      at
      state
      counts {
        total
        available
        occupied
        unknown
      }
      spaces {
        ...Bay
      }
    }
    ... on Refusal {
      code
      message
    }
  }
}

fragment Bay on SpaceChange {
  spaceId
  number
  status
  observedAt
}`,
};
