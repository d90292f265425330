CREATE TABLE session (
    id BIGSERIAL PRIMARY KEY,
    state VARCHAR(9) NOT NULL DEFAULT 'OPEN',
    place_id BIGINT NOT NULL,
    person_id BIGINT,
    plate VARCHAR(20) NOT NULL DEFAULT '',
    started_at TIMESTAMPTZ NOT NULL,
    started_by VARCHAR(10) NOT NULL,
    ended_at TIMESTAMPTZ,
    ended_by VARCHAR(10) NOT NULL DEFAULT '',
    overstay_since TIMESTAMPTZ,
    left_at TIMESTAMPTZ,
    currency VARCHAR(3) NOT NULL,
    amount_minor BIGINT,
    lines TEXT NOT NULL,
    version INT NOT NULL DEFAULT 1,
    space_id BIGINT NOT NULL REFERENCES space (id) ON DELETE CASCADE,
    reservation_id BIGINT NOT NULL REFERENCES reservation (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX session_open_space ON session (space_id) WHERE state = 'OPEN';
CREATE INDEX session_open_place ON session (place_id) WHERE state = 'OPEN';
CREATE INDEX session_space_id ON session (space_id, started_at);
CREATE INDEX session_reservation_id ON session (reservation_id);
CREATE INDEX session_person_id ON session (person_id, id);
CREATE INDEX session_place_id ON session (place_id, started_at);

CREATE TABLE segment (
    id BIGSERIAL PRIMARY KEY,
    position INT NOT NULL,
    kind VARCHAR(10) NOT NULL,
    starts_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ,
    amount_minor BIGINT,
    lines TEXT NOT NULL,
    session_id BIGINT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    UNIQUE (session_id, position)
);

CREATE TABLE follow_cursor (
    id BIGSERIAL PRIMARY KEY,
    follower VARCHAR(32) NOT NULL,
    place_id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    UNIQUE (follower, place_id)
);
