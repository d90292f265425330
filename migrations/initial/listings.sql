CREATE TABLE title (
    id BIGSERIAL PRIMARY KEY,
    document_reference VARCHAR(300) NOT NULL,
    state VARCHAR(9) NOT NULL DEFAULT 'REQUESTED',
    reason VARCHAR(500) NOT NULL DEFAULT '',
    requested_by BIGINT,
    requested_at TIMESTAMPTZ NOT NULL,
    decided_by BIGINT,
    decided_at TIMESTAMPTZ,
    space_id BIGINT NOT NULL REFERENCES space (id) ON DELETE CASCADE,
    organisation_id BIGINT NOT NULL REFERENCES organisation (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX title_live ON title (space_id, organisation_id) WHERE state IN ('REQUESTED', 'APPROVED');
CREATE INDEX title_space_id ON title (space_id);
CREATE INDEX title_organisation_id ON title (organisation_id);

CREATE TABLE listing (
    id BIGSERIAL PRIMARY KEY,
    name VARCHAR(200) NOT NULL,
    state VARCHAR(9) NOT NULL DEFAULT 'DRAFT',
    mode VARCHAR(7) NOT NULL DEFAULT 'INSTANT',
    audience VARCHAR(12) NOT NULL DEFAULT 'PUBLIC',
    audience_organisation_id BIGINT,
    stay_minutes_min INT NOT NULL DEFAULT 15,
    stay_minutes_max INT,
    lead_minutes INT NOT NULL DEFAULT 0,
    horizon_days INT NOT NULL DEFAULT 90,
    turnover_minutes INT NOT NULL DEFAULT 0,
    cancellation TEXT NOT NULL,
    valid_from TIMESTAMPTZ,
    valid_until TIMESTAMPTZ,
    openings_until TIMESTAMPTZ,
    openings_zone VARCHAR(64) NOT NULL DEFAULT '',
    extend_at TIMESTAMPTZ,
    version INT NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    place_id BIGINT NOT NULL REFERENCES place (id) ON DELETE CASCADE,
    organisation_id BIGINT NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
    rate_table_id BIGINT NOT NULL REFERENCES rate_table (id) ON DELETE CASCADE
);
CREATE INDEX listing_place_id ON listing (place_id);
CREATE INDEX listing_organisation_id ON listing (organisation_id);
CREATE INDEX listing_rate_table_id ON listing (rate_table_id);
CREATE INDEX listing_extend_at ON listing (extend_at);

CREATE TABLE listing_space (
    id BIGSERIAL PRIMARY KEY,
    listing_id BIGINT NOT NULL REFERENCES listing (id) ON DELETE CASCADE,
    space_id BIGINT NOT NULL REFERENCES space (id) ON DELETE CASCADE,
    UNIQUE (listing_id, space_id)
);
CREATE INDEX listing_space_space_id ON listing_space (space_id);

CREATE TABLE listing_window (
    id BIGSERIAL PRIMARY KEY,
    weekdays INT NOT NULL,
    minute_from INT NOT NULL,
    minute_until INT NOT NULL,
    first_date VARCHAR(10),
    last_date VARCHAR(10),
    listing_id BIGINT NOT NULL REFERENCES listing (id) ON DELETE CASCADE
);
CREATE INDEX listing_window_listing_id ON listing_window (listing_id);

CREATE TABLE listing_exception (
    id BIGSERIAL PRIMARY KEY,
    kind VARCHAR(6) NOT NULL,
    local_from VARCHAR(16) NOT NULL,
    local_until VARCHAR(16) NOT NULL,
    note VARCHAR(200) NOT NULL DEFAULT '',
    listing_id BIGINT NOT NULL REFERENCES listing (id) ON DELETE CASCADE
);
CREATE INDEX listing_exception_listing_id ON listing_exception (listing_id);

CREATE TABLE listing_plate (
    id BIGSERIAL PRIMARY KEY,
    plate VARCHAR(20) NOT NULL,
    listing_id BIGINT NOT NULL REFERENCES listing (id) ON DELETE CASCADE,
    UNIQUE (listing_id, plate)
);

CREATE TABLE listing_opening (
    id BIGSERIAL PRIMARY KEY,
    starts_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL,
    listing_id BIGINT NOT NULL REFERENCES listing (id) ON DELETE CASCADE,
    UNIQUE (listing_id, starts_at)
);
