CREATE TABLE merchant_unit (
    id BIGSERIAL PRIMARY KEY,
    organisation_id BIGINT NOT NULL,
    campus_id BIGINT NOT NULL,
    name VARCHAR(100) NOT NULL,
    external_id VARCHAR(100),
    level INT NOT NULL DEFAULT 0,
    x_metres DOUBLE PRECISION NOT NULL,
    y_metres DOUBLE PRECISION NOT NULL,
    lead_minutes INT NOT NULL,
    tail_minutes INT NOT NULL,
    stay_minutes INT NOT NULL,
    raise_minutes INT,
    payer VARCHAR(8) NOT NULL,
    locale VARCHAR(16) NOT NULL DEFAULT 'en',
    orders_per_day_max INT,
    told_email VARCHAR(254),
    told_phone VARCHAR(20),
    told_steps VARCHAR(8) NOT NULL DEFAULT 'ALL',
    state VARCHAR(6) NOT NULL DEFAULT 'ACTIVE',
    version INT NOT NULL DEFAULT 1,
    created_by BIGINT,
    created_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    UNIQUE (organisation_id, external_id),
    CHECK (lead_minutes >= 0 AND tail_minutes >= 0 AND stay_minutes > 0),
    CHECK (raise_minutes >= 0),
    CHECK (orders_per_day_max > 0)
);
CREATE INDEX merchant_unit_organisation_id ON merchant_unit (organisation_id, id);
CREATE INDEX merchant_unit_campus_id ON merchant_unit (campus_id);

CREATE TABLE merchant_unit_place (
    id BIGSERIAL PRIMARY KEY,
    place_id BIGINT NOT NULL,
    rank INT NOT NULL,
    unit_id BIGINT NOT NULL REFERENCES merchant_unit (id) ON DELETE CASCADE,
    UNIQUE (unit_id, place_id)
);
CREATE INDEX merchant_unit_place_place_id ON merchant_unit_place (place_id);

CREATE TABLE plan_connector (
    id BIGSERIAL PRIMARY KEY,
    campus_id BIGINT NOT NULL,
    place_id BIGINT,
    kind VARCHAR(8) NOT NULL,
    name VARCHAR(60) NOT NULL,
    level INT NOT NULL,
    x_metres DOUBLE PRECISION NOT NULL,
    y_metres DOUBLE PRECISION NOT NULL
);
CREATE INDEX plan_connector_campus_id ON plan_connector (campus_id, id);

CREATE TABLE merchant_sender (
    id BIGSERIAL PRIMARY KEY,
    number VARCHAR(20) NOT NULL,
    created_by BIGINT,
    created_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ,
    unit_id BIGINT NOT NULL REFERENCES merchant_unit (id) ON DELETE RESTRICT
);
CREATE INDEX merchant_sender_unit_id ON merchant_sender (unit_id);
CREATE UNIQUE INDEX merchant_sender_live ON merchant_sender (number) WHERE revoked_at IS NULL;

CREATE TABLE merchant_hook (
    id BIGSERIAL PRIMARY KEY,
    public_id VARCHAR(32) NOT NULL UNIQUE,
    secret TEXT NOT NULL,
    organisation_id BIGINT NOT NULL,
    created_by BIGINT,
    created_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ
);
CREATE INDEX merchant_hook_organisation_id ON merchant_hook (organisation_id, id);

CREATE TABLE merchant_order (
    id BIGSERIAL PRIMARY KEY,
    order_ref VARCHAR(100) NOT NULL,
    organisation_id BIGINT NOT NULL,
    source VARCHAR(7) NOT NULL,
    stamp TIMESTAMPTZ NOT NULL,
    digest VARCHAR(64) NOT NULL,
    state VARCHAR(10) NOT NULL,
    is_due BOOL NOT NULL DEFAULT FALSE,
    wants_parking BOOL NOT NULL,
    service_at TIMESTAMPTZ,
    service_ends_at TIMESTAMPTZ,
    party INT,
    guest_name VARCHAR(100) NOT NULL DEFAULT '',
    guest_phone VARCHAR(20) NOT NULL DEFAULT '',
    guest_locale VARCHAR(16) NOT NULL DEFAULT '',
    plate VARCHAR(20) NOT NULL DEFAULT '',
    needs TEXT NOT NULL DEFAULT '{}',
    person_id BIGINT,
    starts_at TIMESTAMPTZ,
    ends_at TIMESTAMPTZ,
    place_id BIGINT,
    space_id BIGINT,
    reservation_id BIGINT,
    reservation_state VARCHAR(15) NOT NULL DEFAULT '',
    waitlist_entry_id BIGINT,
    walk_metres DOUBLE PRECISION,
    look_at TIMESTAMPTZ,
    try_at TIMESTAMPTZ,
    arrived_at TIMESTAMPTZ,
    reason_code VARCHAR(32) NOT NULL DEFAULT '',
    reason VARCHAR(500) NOT NULL DEFAULT '',
    version INT NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    unit_id BIGINT NOT NULL REFERENCES merchant_unit (id) ON DELETE RESTRICT,
    UNIQUE (unit_id, order_ref),
    CONSTRAINT merchant_order_booked CHECK (state <> 'BOOKED' OR reservation_id IS NOT NULL),
    CONSTRAINT merchant_order_waitlisted CHECK (state <> 'WAITLISTED' OR waitlist_entry_id IS NOT NULL),
    CONSTRAINT merchant_order_pending CHECK (state <> 'PENDING' OR is_due)
);
CREATE INDEX merchant_order_due ON merchant_order (id) WHERE is_due;
CREATE INDEX merchant_order_looked_at ON merchant_order (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX merchant_order_followed ON merchant_order (reservation_id) WHERE state = 'BOOKED' AND reservation_state IN ('PENDING_PAYMENT', 'CONFIRMED', 'ACTIVE');
CREATE INDEX merchant_order_waiting ON merchant_order (waitlist_entry_id) WHERE state = 'WAITLISTED';
CREATE INDEX merchant_order_organisation_id ON merchant_order (organisation_id, service_at);
CREATE INDEX merchant_order_unit_service_at ON merchant_order (unit_id, service_at);
CREATE INDEX merchant_order_reservation_id ON merchant_order (reservation_id);
CREATE INDEX merchant_order_person_id ON merchant_order (person_id, id);
CREATE INDEX merchant_order_place_id ON merchant_order (place_id, starts_at);
CREATE INDEX merchant_order_personal ON merchant_order (changed_at) WHERE guest_name <> '' OR guest_phone <> '' OR plate <> '';

CREATE TABLE merchant_order_event (
    id BIGSERIAL PRIMARY KEY,
    version INT NOT NULL,
    kind VARCHAR(32) NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    actor VARCHAR(40) NOT NULL DEFAULT '',
    detail TEXT NOT NULL,
    told_at TIMESTAMPTZ,
    try_at TIMESTAMPTZ,
    order_id BIGINT NOT NULL REFERENCES merchant_order (id) ON DELETE RESTRICT,
    UNIQUE (order_id, version)
);
CREATE INDEX merchant_order_event_untold ON merchant_order_event (id) WHERE told_at IS NULL;
