CREATE TABLE place_event (
    id BIGSERIAL PRIMARY KEY,
    place_id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    kind VARCHAR(32) NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    payload TEXT NOT NULL,
    UNIQUE (place_id, version)
);
CREATE INDEX place_event_at ON place_event (at);
