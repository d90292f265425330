CREATE TABLE device (
    id BIGSERIAL PRIMARY KEY,
    endpoint VARCHAR(64) NOT NULL UNIQUE,
    kind VARCHAR(8) NOT NULL,
    lifetime_seconds INT NOT NULL DEFAULT 93600,
    is_unsecured BOOL NOT NULL DEFAULT FALSE,
    manufacturer VARCHAR(100) NOT NULL DEFAULT '',
    model VARCHAR(100) NOT NULL DEFAULT '',
    serial VARCHAR(100) NOT NULL DEFAULT '',
    firmware VARCHAR(100) NOT NULL DEFAULT '',
    created_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ,
    place_id BIGINT NOT NULL REFERENCES place (id) ON DELETE CASCADE,
    space_id BIGINT REFERENCES space (id) ON DELETE CASCADE
);
CREATE INDEX device_place_id ON device (place_id);
CREATE INDEX device_space_id ON device (space_id);

CREATE TABLE device_credential (
    id BIGSERIAL PRIMARY KEY,
    kid VARCHAR(16) NOT NULL,
    kid_context VARCHAR(32) NOT NULL DEFAULT '',
    secret_sealed TEXT NOT NULL,
    master_salt VARCHAR(32) NOT NULL DEFAULT '',
    generation INT NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL,
    first_used_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ,
    device_id BIGINT NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    UNIQUE (kid, kid_context)
);
CREATE INDEX device_credential_device_id ON device_credential (device_id);

CREATE TABLE device_health (
    last_seen_at TIMESTAMPTZ,
    silent_after TIMESTAMPTZ,
    stale_at TIMESTAMPTZ,
    orphaned_at TIMESTAMPTZ,
    address VARCHAR(80) NOT NULL DEFAULT '',
    boot BIGINT NOT NULL DEFAULT 0,
    sequence BIGINT NOT NULL DEFAULT 0,
    reset_cause VARCHAR(40) NOT NULL DEFAULT '',
    battery_percent INT,
    battery_volts DOUBLE PRECISION,
    battery_low BOOL NOT NULL DEFAULT FALSE,
    rssi_dbm INT,
    sinr_db INT,
    error_codes VARCHAR(200) NOT NULL DEFAULT '',
    alarms VARCHAR(200) NOT NULL DEFAULT '',
    clock_offset_seconds DOUBLE PRECISION,
    lock_moves BIGINT,
    device_id BIGINT NOT NULL PRIMARY KEY REFERENCES device (id) ON DELETE CASCADE
);
CREATE INDEX device_health_silent_after ON device_health (silent_after) WHERE stale_at IS NULL;
CREATE INDEX device_health_orphaned_at ON device_health (orphaned_at) WHERE orphaned_at IS NOT NULL;

CREATE TABLE registration (
    location VARCHAR(32) NOT NULL UNIQUE,
    lifetime_seconds INT NOT NULL,
    version VARCHAR(8) NOT NULL DEFAULT '1.1',
    binding VARCHAR(8) NOT NULL DEFAULT 'U',
    queue_mode BOOL NOT NULL DEFAULT FALSE,
    objects TEXT NOT NULL DEFAULT '',
    registered_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    device_id BIGINT NOT NULL PRIMARY KEY REFERENCES device (id) ON DELETE CASCADE
);
CREATE INDEX registration_expires_at ON registration (expires_at);

CREATE TABLE security_state (
    sender_sequence_reserved BIGINT NOT NULL DEFAULT 0,
    gateway VARCHAR(64) NOT NULL DEFAULT '',
    updated_at TIMESTAMPTZ NOT NULL,
    credential_id BIGINT NOT NULL PRIMARY KEY REFERENCES device_credential (id) ON DELETE CASCADE
);
