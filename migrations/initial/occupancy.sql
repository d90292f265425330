CREATE TABLE observation (
    id BIGSERIAL PRIMARY KEY,
    space_id BIGINT NOT NULL,
    place_id BIGINT NOT NULL,
    axis VARCHAR(9) NOT NULL,
    value VARCHAR(10) NOT NULL,
    observed_at TIMESTAMPTZ NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    source VARCHAR(10) NOT NULL,
    device_id BIGINT,
    person_id BIGINT,
    boot BIGINT NOT NULL DEFAULT 0,
    sequence BIGINT NOT NULL DEFAULT 0,
    UNIQUE (device_id, space_id, axis, boot, sequence)
);
CREATE INDEX observation_space_id_axis_observed_at ON observation (space_id, axis, observed_at);
CREATE INDEX observation_place_id_axis_observed_at ON observation (place_id, axis, observed_at);

CREATE TABLE space_state (
    place_id BIGINT NOT NULL,
    occupancy VARCHAR(8) NOT NULL DEFAULT 'UNKNOWN',
    occupancy_since TIMESTAMPTZ,
    observed_at TIMESTAMPTZ,
    source VARCHAR(10) NOT NULL DEFAULT 'NONE',
    occupancy_device_id BIGINT,
    occupancy_boot BIGINT NOT NULL DEFAULT 0,
    occupancy_sequence BIGINT NOT NULL DEFAULT 0,
    service VARCHAR(6) NOT NULL DEFAULT 'OPEN',
    claim VARCHAR(8) NOT NULL DEFAULT 'NONE',
    lock VARCHAR(10) NOT NULL DEFAULT 'UNKNOWN',
    lock_since TIMESTAMPTZ,
    lock_device_id BIGINT,
    lock_boot BIGINT NOT NULL DEFAULT 0,
    lock_sequence BIGINT NOT NULL DEFAULT 0,
    status VARCHAR(9) NOT NULL DEFAULT 'UNKNOWN',
    version BIGINT NOT NULL DEFAULT 0,
    space_id BIGINT NOT NULL PRIMARY KEY REFERENCES space (id) ON DELETE CASCADE
);
CREATE INDEX space_state_place_id ON space_state (place_id);
CREATE INDEX space_state_occupancy_device_id ON space_state (occupancy_device_id);
CREATE INDEX space_state_lock_device_id ON space_state (lock_device_id);
