CREATE TABLE parking_position (
    id BIGSERIAL PRIMARY KEY,
    person_id BIGINT NOT NULL,
    reservation_id BIGINT,
    booked_space_id BIGINT,
    place_id BIGINT,
    title VARCHAR(100) NOT NULL DEFAULT '',
    state VARCHAR(6) NOT NULL DEFAULT 'ACTIVE',
    version INT NOT NULL DEFAULT 1,
    change INT NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    tell_at TIMESTAMPTZ,
    told_at TIMESTAMPTZ,
    CHECK ((state = 'ENDED') = (ended_at IS NOT NULL))
);
CREATE INDEX parking_position_tell ON parking_position (tell_at) WHERE tell_at IS NOT NULL;
CREATE INDEX parking_position_person_id ON parking_position (person_id, id);
CREATE INDEX parking_position_ended_at ON parking_position (ended_at);
CREATE UNIQUE INDEX parking_position_reservation ON parking_position (reservation_id) WHERE state = 'ACTIVE';

CREATE TABLE position_version (
    id BIGSERIAL PRIMARY KEY,
    number INT NOT NULL,
    kind VARCHAR(9) NOT NULL,
    source VARCHAR(12) NOT NULL,
    actor VARCHAR(40) NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    place_id BIGINT,
    space_id BIGINT,
    subplace_id BIGINT,
    floor VARCHAR(100) NOT NULL DEFAULT '',
    area VARCHAR(100) NOT NULL DEFAULT '',
    bay VARCHAR(40) NOT NULL DEFAULT '',
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    accuracy_metres DOUBLE PRECISION,
    note VARCHAR(500) NOT NULL DEFAULT '',
    photo_id BIGINT,
    refinement_id BIGINT,
    position_id BIGINT NOT NULL REFERENCES parking_position (id) ON DELETE CASCADE,
    UNIQUE (position_id, number),
    CHECK ((latitude IS NULL) = (longitude IS NULL)),
    CHECK (latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180),
    CHECK (accuracy_metres >= 0)
);

CREATE TABLE position_photo (
    id BIGSERIAL PRIMARY KEY,
    key VARCHAR(64) NOT NULL UNIQUE,
    bytes INT NOT NULL,
    width_pixels INT NOT NULL,
    height_pixels INT NOT NULL,
    created_by BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    position_id BIGINT NOT NULL REFERENCES parking_position (id) ON DELETE CASCADE
);
CREATE INDEX position_photo_position_id ON position_photo (position_id, id);

CREATE TABLE photo_erasure (
    id BIGSERIAL PRIMARY KEY,
    key VARCHAR(64) NOT NULL UNIQUE,
    due_at TIMESTAMPTZ NOT NULL,
    attempts INT NOT NULL DEFAULT 0
);

CREATE TABLE refinement_request (
    id BIGSERIAL PRIMARY KEY,
    place_id BIGINT NOT NULL,
    terminal VARCHAR(12) NOT NULL,
    state VARCHAR(9) NOT NULL DEFAULT 'OPEN',
    words VARCHAR(500) NOT NULL DEFAULT '',
    asked_number INT NOT NULL,
    asked_at TIMESTAMPTZ NOT NULL,
    due_at TIMESTAMPTZ,
    attempts INT NOT NULL DEFAULT 0,
    taken_by BIGINT,
    taken_at TIMESTAMPTZ,
    answered_by BIGINT,
    answered_at TIMESTAMPTZ,
    answer_number INT,
    reason VARCHAR(200) NOT NULL DEFAULT '',
    version INT NOT NULL DEFAULT 1,
    position_id BIGINT NOT NULL REFERENCES parking_position (id) ON DELETE CASCADE
);
CREATE INDEX refinement_request_place_id ON refinement_request (place_id, state, id);
CREATE INDEX refinement_request_position_id ON refinement_request (position_id, id);
CREATE INDEX refinement_request_due ON refinement_request (due_at) WHERE due_at IS NOT NULL;
CREATE UNIQUE INDEX refinement_request_live ON refinement_request (position_id, terminal) WHERE state IN ('OPEN', 'TAKEN');

CREATE TABLE position_binding (
    id BIGSERIAL PRIMARY KEY,
    sharer_id BIGINT,
    receiver_id BIGINT,
    state VARCHAR(9) NOT NULL DEFAULT 'REQUESTED',
    scope VARCHAR(8) NOT NULL,
    position_id BIGINT,
    until TIMESTAMPTZ,
    asked_by VARCHAR(8) NOT NULL,
    way VARCHAR(6) NOT NULL,
    token_hash VARCHAR(64) UNIQUE,
    phone VARCHAR(20) NOT NULL DEFAULT '',
    sharer_name VARCHAR(100) NOT NULL DEFAULT '',
    receiver_name VARCHAR(100) NOT NULL DEFAULT '',
    locale VARCHAR(16) NOT NULL DEFAULT 'en',
    asked_at TIMESTAMPTZ NOT NULL,
    answer_until TIMESTAMPTZ NOT NULL,
    answered_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ,
    ended_by VARCHAR(8) NOT NULL DEFAULT '',
    version INT NOT NULL DEFAULT 1,
    CHECK (sharer_id IS NOT NULL OR receiver_id IS NOT NULL),
    CHECK (sharer_id <> receiver_id),
    CHECK (state <> 'ACTIVE' OR (sharer_id IS NOT NULL AND receiver_id IS NOT NULL AND answered_at IS NOT NULL)),
    CHECK ((scope = 'UNTIL') = (until IS NOT NULL)),
    CHECK (state <> 'ACTIVE' OR (scope = 'ONE_STAY') = (position_id IS NOT NULL))
);
CREATE INDEX position_binding_sharer_id ON position_binding (sharer_id, id);
CREATE INDEX position_binding_receiver_id ON position_binding (receiver_id, id);
CREATE INDEX position_binding_position_id ON position_binding (position_id);
CREATE UNIQUE INDEX position_binding_pair ON position_binding (sharer_id, receiver_id, COALESCE(position_id, 0)) WHERE state = 'ACTIVE';
CREATE INDEX position_binding_live ON position_binding (answer_until) WHERE state = 'REQUESTED';
CREATE INDEX position_binding_until ON position_binding (until) WHERE state = 'ACTIVE';

CREATE TABLE position_link (
    id BIGSERIAL PRIMARY KEY,
    token_hash VARCHAR(64) NOT NULL UNIQUE,
    label VARCHAR(100) NOT NULL DEFAULT '',
    passcode_hash VARCHAR(128) NOT NULL DEFAULT '',
    wrong_tries INT NOT NULL DEFAULT 0,
    views_max INT,
    views INT NOT NULL DEFAULT 0,
    shows_photo BOOL NOT NULL DEFAULT TRUE,
    shows_note BOOL NOT NULL DEFAULT TRUE,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ,
    revoked_reason VARCHAR(40) NOT NULL DEFAULT '',
    version INT NOT NULL DEFAULT 1,
    position_id BIGINT NOT NULL REFERENCES parking_position (id) ON DELETE CASCADE,
    CHECK (views_max > 0),
    CHECK (views <= views_max)
);
CREATE INDEX position_link_position_id ON position_link (position_id, id);

CREATE TABLE position_access (
    id BIGSERIAL PRIMARY KEY,
    position_id BIGINT NOT NULL,
    link_id BIGINT,
    binding_id BIGINT,
    version_number INT,
    outcome VARCHAR(14) NOT NULL,
    device VARCHAR(60) NOT NULL DEFAULT '',
    at TIMESTAMPTZ NOT NULL
);
CREATE INDEX position_access_position_id ON position_access (position_id, id);

CREATE TABLE fetch_payment (
    id BIGSERIAL PRIMARY KEY,
    delegation_id BIGINT NOT NULL UNIQUE,
    reservation_id BIGINT NOT NULL,
    payer_id BIGINT NOT NULL,
    owner_id BIGINT NOT NULL,
    currency VARCHAR(3) NOT NULL,
    amount_max_minor BIGINT NOT NULL,
    amount_minor BIGINT,
    created_at TIMESTAMPTZ NOT NULL,
    resolved_at TIMESTAMPTZ,
    CHECK (amount_max_minor > 0),
    CHECK (amount_minor BETWEEN 0 AND amount_max_minor),
    CHECK ((amount_minor IS NULL) = (resolved_at IS NULL))
);
CREATE INDEX fetch_payment_reservation_id ON fetch_payment (reservation_id);
CREATE INDEX fetch_payment_open ON fetch_payment (id) WHERE resolved_at IS NULL;
