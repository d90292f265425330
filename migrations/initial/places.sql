CREATE TABLE campus (
    id BIGSERIAL PRIMARY KEY,
    name VARCHAR(200) NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    organisation_id BIGINT NOT NULL REFERENCES organisation (id) ON DELETE CASCADE
);
CREATE INDEX campus_organisation_id ON campus (organisation_id);

CREATE TABLE place (
    id BIGSERIAL PRIMARY KEY,
    name VARCHAR(200) NOT NULL,
    kind VARCHAR(16) NOT NULL,
    time_zone VARCHAR(64) NOT NULL,
    currency VARCHAR(3) NOT NULL,
    address VARCHAR(300) NOT NULL DEFAULT '',
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    is_public BOOL NOT NULL DEFAULT TRUE,
    is_open BOOL NOT NULL DEFAULT TRUE,
    external_id VARCHAR(200),
    version BIGINT NOT NULL DEFAULT 0,
    state VARCHAR(20) NOT NULL DEFAULT 'UNKNOWN',
    available_count INT NOT NULL DEFAULT 0,
    reserved_count INT NOT NULL DEFAULT 0,
    occupied_count INT NOT NULL DEFAULT 0,
    closed_count INT NOT NULL DEFAULT 0,
    unknown_count INT NOT NULL DEFAULT 0,
    created_at TIMESTAMPTZ NOT NULL,
    retired_at TIMESTAMPTZ,
    campus_id BIGINT REFERENCES campus (id) ON DELETE CASCADE,
    organisation_id BIGINT NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
    UNIQUE (organisation_id, external_id)
);
CREATE INDEX place_campus_id ON place (campus_id);
CREATE INDEX place_latitude_longitude ON place (latitude, longitude);
CREATE INDEX place_name_id ON place (name, id);

CREATE TABLE subplace (
    id BIGSERIAL PRIMARY KEY,
    kind VARCHAR(16) NOT NULL,
    name VARCHAR(100) NOT NULL,
    level INT NOT NULL DEFAULT 0,
    position INT NOT NULL DEFAULT 0,
    parent_id BIGINT REFERENCES subplace (id) ON DELETE CASCADE,
    place_id BIGINT NOT NULL REFERENCES place (id) ON DELETE CASCADE,
    UNIQUE (place_id, name)
);
CREATE INDEX subplace_parent_id ON subplace (parent_id);

CREATE TABLE space (
    id BIGSERIAL PRIMARY KEY,
    number VARCHAR(40) NOT NULL,
    external_id VARCHAR(200),
    x_metres DOUBLE PRECISION NOT NULL DEFAULT 0.0,
    y_metres DOUBLE PRECISION NOT NULL DEFAULT 0.0,
    width_metres DOUBLE PRECISION NOT NULL DEFAULT 2.5,
    length_metres DOUBLE PRECISION NOT NULL DEFAULT 5.0,
    rotation_degrees DOUBLE PRECISION NOT NULL DEFAULT 0.0,
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    is_ev BOOL NOT NULL DEFAULT FALSE,
    is_accessible BOOL NOT NULL DEFAULT FALSE,
    height_max_metres DOUBLE PRECISION,
    retired_at TIMESTAMPTZ,
    place_id BIGINT NOT NULL REFERENCES place (id) ON DELETE CASCADE,
    subplace_id BIGINT REFERENCES subplace (id) ON DELETE CASCADE,
    UNIQUE (place_id, number)
);
CREATE INDEX space_subplace_id ON space (subplace_id);
