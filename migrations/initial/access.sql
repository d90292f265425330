CREATE TABLE credential (
    id BIGSERIAL PRIMARY KEY,
    kind VARCHAR(13) NOT NULL,
    key_hash VARCHAR(128) NOT NULL DEFAULT '',
    valid_from TIMESTAMPTZ NOT NULL,
    valid_until TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ,
    space_id BIGINT NOT NULL,
    reservation_id BIGINT NOT NULL REFERENCES reservation (id) ON DELETE CASCADE
);
CREATE INDEX credential_reservation_id ON credential (reservation_id);
CREATE INDEX credential_space_id ON credential (space_id, kind);

CREATE TABLE credential_token (
    id BIGSERIAL PRIMARY KEY,
    cti VARCHAR(64) NOT NULL UNIQUE,
    kid VARCHAR(32) NOT NULL,
    token_hash VARCHAR(66) NOT NULL,
    place_id BIGINT NOT NULL,
    space_id BIGINT NOT NULL,
    not_before TIMESTAMPTZ NOT NULL,
    issued_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    delegation_id BIGINT,
    reservation_id BIGINT NOT NULL REFERENCES reservation (id) ON DELETE CASCADE
);
CREATE INDEX credential_token_delegation_id ON credential_token (delegation_id) WHERE delegation_id IS NOT NULL;
CREATE INDEX credential_token_reservation_id ON credential_token (reservation_id);
CREATE INDEX credential_token_place_id ON credential_token (place_id, expires_at);
CREATE INDEX credential_token_expires_at ON credential_token (expires_at);

CREATE TABLE credential_use (
    id BIGSERIAL PRIMARY KEY,
    cti VARCHAR(64) NOT NULL UNIQUE,
    reservation_id BIGINT NOT NULL,
    reader_device_id BIGINT,
    used_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX credential_use_used_at ON credential_use (used_at);

CREATE TABLE access_event (
    id BIGSERIAL PRIMARY KEY,
    place_id BIGINT NOT NULL,
    space_id BIGINT,
    reservation_id BIGINT,
    reader_device_id BIGINT,
    kind VARCHAR(13) NOT NULL,
    outcome VARCHAR(32) NOT NULL,
    is_offline BOOL NOT NULL DEFAULT FALSE,
    at TIMESTAMPTZ NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    boot BIGINT,
    sequence BIGINT,
    UNIQUE (reader_device_id, boot, sequence)
);
CREATE INDEX access_event_reservation_id ON access_event (reservation_id);
CREATE INDEX access_event_place_id ON access_event (place_id, id);

CREATE TABLE lock_command (
    id BIGSERIAL PRIMARY KEY,
    target VARCHAR(7) NOT NULL,
    state VARCHAR(10) NOT NULL DEFAULT 'QUEUED',
    place_id BIGINT NOT NULL,
    space_id BIGINT NOT NULL,
    reservation_id BIGINT,
    cause VARCHAR(16) NOT NULL,
    actor VARCHAR(40) NOT NULL,
    moves_expected BIGINT,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    delivered_at TIMESTAMPTZ,
    accepted_at TIMESTAMPTZ,
    finished_at TIMESTAMPTZ,
    failure VARCHAR(64) NOT NULL DEFAULT '',
    result TEXT NOT NULL DEFAULT '',
    device_id BIGINT NOT NULL REFERENCES device (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX lock_command_live ON lock_command (device_id)
    WHERE state IN ('QUEUED', 'DELIVERED', 'ACCEPTED');
CREATE INDEX lock_command_expires_at ON lock_command (expires_at)
    WHERE state IN ('QUEUED', 'DELIVERED', 'ACCEPTED');
CREATE INDEX lock_command_device_id ON lock_command (device_id, id);
CREATE INDEX lock_command_space_id ON lock_command (space_id, id);
CREATE INDEX lock_command_reservation_id ON lock_command (reservation_id);

CREATE TABLE alarm (
    id BIGSERIAL PRIMARY KEY,
    place_id BIGINT NOT NULL,
    space_id BIGINT NOT NULL,
    device_id BIGINT,
    reservation_id BIGINT,
    kind VARCHAR(24) NOT NULL,
    raised_at TIMESTAMPTZ NOT NULL,
    cleared_at TIMESTAMPTZ,
    acknowledged_at TIMESTAMPTZ,
    acknowledged_by BIGINT,
    detail VARCHAR(300) NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX alarm_live ON alarm (space_id, kind) WHERE cleared_at IS NULL;
CREATE INDEX alarm_place_id ON alarm (place_id, id);

CREATE TABLE signing_key (
    id BIGSERIAL PRIMARY KEY,
    kid VARCHAR(32) NOT NULL UNIQUE,
    private_sealed TEXT NOT NULL,
    public_key VARCHAR(128) NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    retired_at TIMESTAMPTZ
);

CREATE TABLE exit_delegation (
    id BIGSERIAL PRIMARY KEY,
    token_hash VARCHAR(64) UNIQUE,
    place_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    fetcher_id BIGINT,
    position_id BIGINT,
    binding_id BIGINT,
    label VARCHAR(100) NOT NULL DEFAULT '',
    payer VARCHAR(7) NOT NULL,
    amount_max_minor BIGINT,
    currency VARCHAR(3) NOT NULL DEFAULT '',
    state VARCHAR(8) NOT NULL DEFAULT 'OFFERED',
    valid_until TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    accepted_at TIMESTAMPTZ,
    opened_at TIMESTAMPTZ,
    used_at TIMESTAMPTZ,
    used_device_id BIGINT,
    ended_at TIMESTAMPTZ,
    told_version INT NOT NULL DEFAULT 0,
    version INT NOT NULL DEFAULT 1,
    reservation_id BIGINT NOT NULL REFERENCES reservation (id) ON DELETE CASCADE,
    CHECK ((payer = 'FETCHER') = (amount_max_minor IS NOT NULL)),
    CHECK (amount_max_minor > 0),
    CHECK (state NOT IN ('LEAVING', 'USED') OR opened_at IS NOT NULL)
);
CREATE INDEX exit_delegation_reservation_id ON exit_delegation (reservation_id);
CREATE INDEX exit_delegation_person_id ON exit_delegation (person_id, id);
CREATE INDEX exit_delegation_fetcher_id ON exit_delegation (fetcher_id, id);
CREATE INDEX exit_delegation_live ON exit_delegation (valid_until) WHERE state IN ('OFFERED', 'ACTIVE', 'LEAVING');
CREATE INDEX exit_delegation_ended_at ON exit_delegation (ended_at) WHERE token_hash IS NOT NULL;
CREATE INDEX exit_delegation_untold ON exit_delegation (id) WHERE told_version < version;
CREATE UNIQUE INDEX exit_delegation_one ON exit_delegation (reservation_id) WHERE state IN ('ACTIVE', 'LEAVING', 'OFFERED');
