CREATE TABLE reminder (
    id BIGSERIAL PRIMARY KEY,
    topic VARCHAR(40) NOT NULL,
    anchor_at TIMESTAMPTZ NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    reservation_id BIGINT NOT NULL REFERENCES reservation (id) ON DELETE CASCADE,
    UNIQUE (reservation_id, topic, anchor_at)
);
CREATE INDEX reminder_at ON reminder (at);
