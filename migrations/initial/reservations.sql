CREATE TABLE quote (
    id BIGSERIAL PRIMARY KEY,
    kind VARCHAR(9) NOT NULL DEFAULT 'BOOKING',
    person_id BIGINT,
    reservation_id BIGINT,
    plate VARCHAR(20) NOT NULL DEFAULT '',
    starts_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL,
    currency VARCHAR(3) NOT NULL,
    amount_minor BIGINT NOT NULL,
    lines TEXT NOT NULL,
    terms TEXT NOT NULL,
    listing_version INT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ,
    listing_id BIGINT NOT NULL REFERENCES listing (id) ON DELETE CASCADE,
    space_id BIGINT NOT NULL REFERENCES space (id) ON DELETE CASCADE
);
CREATE INDEX quote_listing_id ON quote (listing_id);
CREATE INDEX quote_space_id ON quote (space_id);
CREATE INDEX quote_expires_at ON quote (expires_at);

CREATE TABLE reservation_series (
    id BIGSERIAL PRIMARY KEY,
    person_id BIGINT NOT NULL,
    rule VARCHAR(200) NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    cancelled_at TIMESTAMPTZ
);
CREATE INDEX reservation_series_person_id ON reservation_series (person_id);

CREATE TABLE reservation (
    id BIGSERIAL PRIMARY KEY,
    state VARCHAR(15) NOT NULL,
    place_id BIGINT NOT NULL,
    organisation_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    guest_name VARCHAR(100) NOT NULL DEFAULT '',
    plate VARCHAR(20) NOT NULL DEFAULT '',
    starts_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL,
    blocked_until TIMESTAMPTZ NOT NULL,
    hold_until TIMESTAMPTZ,
    currency VARCHAR(3) NOT NULL,
    amount_minor BIGINT NOT NULL,
    lines TEXT NOT NULL,
    terms TEXT NOT NULL,
    quote_id BIGINT,
    series_id BIGINT,
    waitlist_entry_id BIGINT,
    claim VARCHAR(8) NOT NULL DEFAULT 'NONE',
    link_generation INT NOT NULL DEFAULT 1,
    version INT NOT NULL DEFAULT 1,
    cancelled_by VARCHAR(8) NOT NULL DEFAULT '',
    reason VARCHAR(500) NOT NULL DEFAULT '',
    refund_minor BIGINT,
    created_at TIMESTAMPTZ NOT NULL,
    confirmed_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ,
    settled_at TIMESTAMPTZ,
    listing_id BIGINT NOT NULL REFERENCES listing (id) ON DELETE CASCADE,
    space_id BIGINT NOT NULL REFERENCES space (id) ON DELETE CASCADE,
    CHECK (starts_at < ends_at),
    CHECK (ends_at <= blocked_until)
);
CREATE INDEX reservation_space_live ON reservation (space_id, starts_at, blocked_until)
    WHERE state IN ('REQUESTED', 'PENDING_PAYMENT', 'CONFIRMED', 'ACTIVE');
CREATE INDEX reservation_space_id ON reservation (space_id, starts_at);
CREATE INDEX reservation_hold_until ON reservation (hold_until) WHERE state IN ('REQUESTED', 'PENDING_PAYMENT');
-- How many one person holds is counted at each booking: never all holds of the platform.
CREATE INDEX reservation_person_waiting ON reservation (person_id, hold_until)
    WHERE state IN ('REQUESTED', 'PENDING_PAYMENT');
-- What the worker looks for each second: whose claim begins, whose ends, who did not come.
CREATE INDEX reservation_claim_begins ON reservation (starts_at)
    WHERE claim = 'NONE' AND state IN ('REQUESTED', 'PENDING_PAYMENT', 'CONFIRMED', 'ACTIVE');
CREATE INDEX reservation_claim_ends ON reservation (ends_at) WHERE claim <> 'NONE';
CREATE INDEX reservation_claim_space ON reservation (space_id) WHERE claim <> 'NONE';
CREATE INDEX reservation_in_use ON reservation (space_id) WHERE state = 'ACTIVE';
CREATE INDEX reservation_missed ON reservation (starts_at) WHERE state = 'CONFIRMED';
CREATE INDEX reservation_ending ON reservation (ends_at) WHERE state = 'ACTIVE';
-- What settlement looks for: ended, and its escrow not yet paid out.
CREATE INDEX reservation_unsettled ON reservation (id)
    WHERE settled_at IS NULL AND confirmed_at IS NOT NULL AND state IN ('COMPLETED', 'CANCELLED', 'NO_SHOW');
CREATE INDEX reservation_person_id ON reservation (person_id, id);
CREATE INDEX reservation_organisation_id ON reservation (organisation_id, starts_at);
CREATE INDEX reservation_place_id ON reservation (place_id, starts_at);
CREATE INDEX reservation_series_id ON reservation (series_id);
CREATE INDEX reservation_listing_id ON reservation (listing_id);

CREATE TABLE reservation_event (
    id BIGSERIAL PRIMARY KEY,
    version INT NOT NULL,
    kind VARCHAR(32) NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    actor VARCHAR(40) NOT NULL DEFAULT '',
    detail TEXT NOT NULL,
    reservation_id BIGINT NOT NULL REFERENCES reservation (id) ON DELETE CASCADE,
    UNIQUE (reservation_id, version)
);
CREATE INDEX reservation_event_at ON reservation_event (at);

CREATE TABLE lease_agreement (
    id BIGSERIAL PRIMARY KEY,
    version INT NOT NULL,
    terms TEXT NOT NULL,
    digest VARCHAR(64) NOT NULL,
    renter_accepted_at TIMESTAMPTZ,
    lessor_accepted_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    reservation_id BIGINT NOT NULL REFERENCES reservation (id) ON DELETE CASCADE,
    UNIQUE (reservation_id, version)
);

CREATE TABLE waitlist_entry (
    id BIGSERIAL PRIMARY KEY,
    state VARCHAR(8) NOT NULL DEFAULT 'WAITING',
    person_id BIGINT NOT NULL,
    plate VARCHAR(20) NOT NULL DEFAULT '',
    starts_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL,
    filters TEXT NOT NULL,
    reservation_id BIGINT,
    offer_expires_at TIMESTAMPTZ,
    wish_id BIGINT,
    created_at TIMESTAMPTZ NOT NULL,
    place_id BIGINT NOT NULL REFERENCES place (id) ON DELETE CASCADE
);
CREATE INDEX waitlist_entry_place_id ON waitlist_entry (place_id, id);
CREATE INDEX waitlist_entry_person_id ON waitlist_entry (person_id);
CREATE INDEX waitlist_entry_offer_expires_at ON waitlist_entry (offer_expires_at) WHERE state = 'OFFERED';
CREATE INDEX waitlist_entry_wish ON waitlist_entry (wish_id, id) WHERE wish_id IS NOT NULL;
CREATE INDEX waitlist_entry_live ON waitlist_entry (place_id, id) WHERE state IN ('WAITING', 'OFFERED');
