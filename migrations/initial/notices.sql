CREATE TABLE notice_inbox (
    id BIGSERIAL PRIMARY KEY,
    recipient VARCHAR(254) NOT NULL,
    subject VARCHAR(200) NOT NULL,
    text TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL
);

CREATE TABLE notice (
    id BIGSERIAL PRIMARY KEY,
    key VARCHAR(120) NOT NULL UNIQUE,
    channel VARCHAR(7) NOT NULL,
    state VARCHAR(7) NOT NULL DEFAULT 'DUE',
    recipient VARCHAR(500) NOT NULL,
    person_id BIGINT,
    organisation_id BIGINT,
    webhook_id BIGINT,
    topic VARCHAR(40) NOT NULL,
    about VARCHAR(60) NOT NULL DEFAULT '',
    locale VARCHAR(16) NOT NULL DEFAULT 'en',
    subject VARCHAR(200) NOT NULL DEFAULT '',
    body TEXT NOT NULL,
    attempts INT NOT NULL DEFAULT 0,
    due_at TIMESTAMPTZ NOT NULL,
    give_up_at TIMESTAMPTZ NOT NULL,
    useful_until TIMESTAMPTZ,
    last_error VARCHAR(500) NOT NULL DEFAULT '',
    provider_reference VARCHAR(128) NOT NULL DEFAULT '',
    created_at TIMESTAMPTZ NOT NULL,
    done_at TIMESTAMPTZ
);
CREATE INDEX notice_due ON notice (due_at) WHERE state = 'DUE';
CREATE INDEX notice_dead ON notice (organisation_id, id) WHERE state = 'DEAD';
CREATE INDEX notice_person_id ON notice (person_id, id);
CREATE INDEX notice_webhook_id ON notice (webhook_id) WHERE state = 'DUE';
CREATE INDEX notice_done_at ON notice (done_at);
CREATE INDEX notice_about ON notice (about);

CREATE TABLE own_notice (
    id BIGSERIAL PRIMARY KEY,
    person_id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    key VARCHAR(120) NOT NULL UNIQUE,
    topic VARCHAR(40) NOT NULL,
    about VARCHAR(60) NOT NULL DEFAULT '',
    subject VARCHAR(200) NOT NULL,
    text TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    UNIQUE (person_id, version)
);
CREATE INDEX own_notice_at ON own_notice (at);
CREATE INDEX own_notice_about ON own_notice (about);

CREATE TABLE own_notice_version (
    person_id BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
);

CREATE TABLE notice_preference (
    id BIGSERIAL PRIMARY KEY,
    person_id BIGINT NOT NULL UNIQUE,
    muted TEXT NOT NULL DEFAULT '[]',
    quiet_from VARCHAR(5),
    quiet_until VARCHAR(5),
    time_zone VARCHAR(64) NOT NULL DEFAULT 'UTC',
    wechat_open_id VARCHAR(128),
    changed_at TIMESTAMPTZ NOT NULL,
    CHECK ((quiet_from IS NULL) = (quiet_until IS NULL))
);

CREATE TABLE webhook_endpoint (
    id BIGSERIAL PRIMARY KEY,
    organisation_id BIGINT NOT NULL,
    url VARCHAR(500) NOT NULL,
    secret TEXT NOT NULL,
    former_secret TEXT,
    former_until TIMESTAMPTZ,
    topics TEXT NOT NULL,
    state VARCHAR(7) NOT NULL DEFAULT 'ACTIVE',
    reason VARCHAR(200) NOT NULL DEFAULT '',
    created_by BIGINT,
    created_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX webhook_endpoint_organisation_id ON webhook_endpoint (organisation_id, id);

CREATE TABLE sms_message (
    id BIGSERIAL PRIMARY KEY,
    provider VARCHAR(16) NOT NULL,
    provider_id VARCHAR(128) NOT NULL,
    sender VARCHAR(20) NOT NULL,
    recipient VARCHAR(20) NOT NULL,
    text VARCHAR(2000) NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    handled_at TIMESTAMPTZ,
    outcome VARCHAR(200) NOT NULL DEFAULT '',
    unit_id BIGINT,
    result VARCHAR(10),
    understood TEXT NOT NULL DEFAULT '',
    answer TEXT NOT NULL DEFAULT '',
    order_id BIGINT,
    UNIQUE (provider, provider_id)
);
CREATE INDEX sms_message_unit_id ON sms_message (unit_id, id);
CREATE INDEX sms_message_unhandled ON sms_message (received_at) WHERE handled_at IS NULL;
