CREATE TABLE organisation (
    id BIGSERIAL PRIMARY KEY,
    name VARCHAR(200) NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE person (
    id BIGSERIAL PRIMARY KEY,
    name VARCHAR(200) NOT NULL DEFAULT '',
    phone VARCHAR(20) UNIQUE,
    email VARCHAR(254) UNIQUE,
    locale VARCHAR(16) NOT NULL DEFAULT 'en',
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE api_key (
    id BIGSERIAL PRIMARY KEY,
    name VARCHAR(100) NOT NULL,
    hint VARCHAR(12) NOT NULL,
    key_hash VARCHAR(64) NOT NULL UNIQUE,
    scopes TEXT NOT NULL DEFAULT '',
    created_at TIMESTAMPTZ NOT NULL,
    last_used_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ,
    created_by_id BIGINT REFERENCES person (id) ON DELETE CASCADE,
    organisation_id BIGINT NOT NULL REFERENCES organisation (id) ON DELETE CASCADE
);
CREATE INDEX api_key_created_by_id ON api_key (created_by_id);
CREATE INDEX api_key_organisation_id ON api_key (organisation_id);

CREATE TABLE attempt_window (
    subject VARCHAR(128) NOT NULL PRIMARY KEY,
    count INT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX attempt_window_expires_at ON attempt_window (expires_at);

CREATE TABLE audit_entry (
    id BIGSERIAL PRIMARY KEY,
    actor VARCHAR(64) NOT NULL,
    verb VARCHAR(64) NOT NULL,
    subject VARCHAR(64) NOT NULL,
    organisation_id BIGINT,
    at TIMESTAMPTZ NOT NULL,
    detail TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_entry_organisation_id ON audit_entry (organisation_id);
CREATE INDEX audit_entry_at ON audit_entry (at);

CREATE TABLE external_identity (
    id BIGSERIAL PRIMARY KEY,
    issuer VARCHAR(255) NOT NULL,
    subject VARCHAR(255) NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    UNIQUE (issuer, subject)
);
CREATE INDEX external_identity_person_id ON external_identity (person_id);

CREATE TABLE idempotent_answer (
    id BIGSERIAL PRIMARY KEY,
    actor VARCHAR(64) NOT NULL,
    key VARCHAR(128) NOT NULL,
    verb VARCHAR(64) NOT NULL,
    input_hash VARCHAR(64) NOT NULL,
    answer TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    UNIQUE (actor, key)
);
CREATE INDEX idempotent_answer_at ON idempotent_answer (at);

CREATE TABLE invitation (
    id BIGSERIAL PRIMARY KEY,
    address VARCHAR(254) NOT NULL,
    role VARCHAR(16) NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    accepted_at TIMESTAMPTZ,
    withdrawn_at TIMESTAMPTZ,
    invited_by_id BIGINT REFERENCES person (id) ON DELETE CASCADE,
    organisation_id BIGINT NOT NULL REFERENCES organisation (id) ON DELETE CASCADE
);
CREATE INDEX invitation_address ON invitation (address);
CREATE INDEX invitation_invited_by_id ON invitation (invited_by_id);
CREATE INDEX invitation_organisation_id ON invitation (organisation_id);

CREATE TABLE membership (
    id BIGSERIAL PRIMARY KEY,
    role VARCHAR(16) NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    organisation_id BIGINT NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
    person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    UNIQUE (person_id, organisation_id, role)
);
CREATE INDEX membership_organisation_id ON membership (organisation_id);

CREATE TABLE sign_in (
    id BIGSERIAL PRIMARY KEY,
    family VARCHAR(40) NOT NULL UNIQUE,
    started_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE
);
CREATE INDEX sign_in_expires_at ON sign_in (expires_at);
CREATE INDEX sign_in_person_id ON sign_in (person_id);

CREATE TABLE refresh_token (
    id BIGSERIAL PRIMARY KEY,
    token_hash VARCHAR(64) NOT NULL UNIQUE,
    issued_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ,
    sign_in_id BIGINT NOT NULL REFERENCES sign_in (id) ON DELETE CASCADE
);
CREATE INDEX refresh_token_expires_at ON refresh_token (expires_at);
CREATE INDEX refresh_token_sign_in_id ON refresh_token (sign_in_id);

CREATE TABLE sign_in_code (
    id BIGSERIAL PRIMARY KEY,
    address VARCHAR(254) NOT NULL,
    code_hash VARCHAR(64) NOT NULL,
    request_key VARCHAR(64),
    requested_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    tries INT NOT NULL DEFAULT 0,
    used_at TIMESTAMPTZ,
    redeem_key VARCHAR(64)
);
CREATE INDEX sign_in_code_address ON sign_in_code (address);
CREATE INDEX sign_in_code_expires_at ON sign_in_code (expires_at);
