CREATE TABLE sms_part (
    id BIGSERIAL PRIMARY KEY,
    provider VARCHAR(16) NOT NULL,
    provider_id VARCHAR(128) NOT NULL,
    sender VARCHAR(20) NOT NULL,
    recipient VARCHAR(20) NOT NULL,
    reference INT NOT NULL,
    number INT NOT NULL,
    total INT NOT NULL,
    text VARCHAR(160) NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    joined_at TIMESTAMPTZ,
    UNIQUE (provider, provider_id),
    CHECK (number BETWEEN 1 AND total)
);
CREATE INDEX sms_part_waiting ON sms_part (received_at) WHERE joined_at IS NULL;
CREATE INDEX sms_part_sender ON sms_part (sender, reference) WHERE joined_at IS NULL;
