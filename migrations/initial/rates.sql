CREATE TABLE rate_table (
    id BIGSERIAL PRIMARY KEY,
    name VARCHAR(200) NOT NULL,
    currency VARCHAR(3) NOT NULL,
    document TEXT NOT NULL,
    version INT NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    retired_at TIMESTAMPTZ,
    organisation_id BIGINT NOT NULL REFERENCES organisation (id) ON DELETE CASCADE
);
CREATE INDEX rate_table_organisation_id ON rate_table (organisation_id);
