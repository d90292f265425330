CREATE TABLE right_specification (
    id BIGSERIAL PRIMARY KEY,
    organisation_id BIGINT NOT NULL,
    state VARCHAR(8) NOT NULL DEFAULT 'ACTIVE',
    name VARCHAR(100) NOT NULL,
    kind VARCHAR(7) NOT NULL,
    value BIGINT NOT NULL DEFAULT 0,
    currency VARCHAR(3) NOT NULL,
    worth_max_minor BIGINT,
    terms TEXT NOT NULL,
    version INT NOT NULL DEFAULT 1,
    created_by BIGINT,
    created_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    CHECK (value >= 0),
    CHECK (worth_max_minor > 0)
);
CREATE INDEX right_specification_organisation_id ON right_specification (organisation_id, id);

CREATE TABLE rights_contract (
    id BIGSERIAL PRIMARY KEY,
    state VARCHAR(8) NOT NULL DEFAULT 'OFFERED',
    issuer_id BIGINT NOT NULL,
    operator_id BIGINT NOT NULL,
    place_id BIGINT NOT NULL,
    currency VARCHAR(3) NOT NULL,
    quota BIGINT,
    granted BIGINT NOT NULL DEFAULT 0,
    budget_minor BIGINT,
    committed_minor BIGINT NOT NULL DEFAULT 0,
    spent_minor BIGINT NOT NULL DEFAULT 0,
    price_minor BIGINT,
    worth_max_minor BIGINT,
    per_stay_max INT NOT NULL DEFAULT 1,
    valid_from TIMESTAMPTZ NOT NULL,
    valid_until TIMESTAMPTZ,
    reason VARCHAR(500) NOT NULL DEFAULT '',
    version INT NOT NULL DEFAULT 1,
    created_by BIGINT,
    decided_by BIGINT,
    created_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT rights_contract_quota CHECK (granted BETWEEN 0 AND COALESCE(quota, granted)),
    CONSTRAINT rights_contract_budget CHECK (committed_minor >= 0 AND spent_minor >= 0 AND committed_minor + spent_minor <= COALESCE(budget_minor, committed_minor + spent_minor)),
    CONSTRAINT rights_contract_period CHECK (valid_until > valid_from),
    CONSTRAINT rights_contract_worth CHECK (worth_max_minor IS NOT NULL OR (issuer_id = operator_id AND price_minor IS NULL)),
    CHECK (quota > 0),
    CHECK (budget_minor > 0),
    CHECK (price_minor >= 0),
    CHECK (worth_max_minor > 0),
    CHECK (per_stay_max > 0)
);
CREATE INDEX rights_contract_issuer_id ON rights_contract (issuer_id, id);
CREATE INDEX rights_contract_operator_id ON rights_contract (operator_id, id);
CREATE INDEX rights_contract_place_id ON rights_contract (place_id);

CREATE TABLE place_rights_rule (
    id BIGSERIAL PRIMARY KEY,
    place_id BIGINT NOT NULL UNIQUE,
    per_stay_max INT NOT NULL,
    needs_proof BOOL NOT NULL DEFAULT FALSE,
    changed_by BIGINT,
    changed_at TIMESTAMPTZ NOT NULL,
    CHECK (per_stay_max > 0)
);

CREATE TABLE grant_code (
    id BIGSERIAL PRIMARY KEY,
    public_id VARCHAR(32) NOT NULL UNIQUE,
    state VARCHAR(7) NOT NULL DEFAULT 'ACTIVE',
    kind VARCHAR(8) NOT NULL,
    organisation_id BIGINT NOT NULL,
    place_id BIGINT NOT NULL,
    label VARCHAR(100) NOT NULL DEFAULT '',
    uses BIGINT NOT NULL DEFAULT 0,
    uses_max BIGINT,
    needs_reference BOOL NOT NULL DEFAULT FALSE,
    valid_from TIMESTAMPTZ NOT NULL,
    valid_until TIMESTAMPTZ,
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    radius_metres INT,
    reason VARCHAR(500) NOT NULL DEFAULT '',
    version INT NOT NULL DEFAULT 1,
    created_by BIGINT,
    created_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ,
    contract_id BIGINT NOT NULL REFERENCES rights_contract (id) ON DELETE RESTRICT,
    replaced_by_id BIGINT REFERENCES grant_code (id) ON DELETE RESTRICT,
    specification_id BIGINT NOT NULL REFERENCES right_specification (id) ON DELETE RESTRICT,
    CONSTRAINT grant_code_uses CHECK (uses BETWEEN 0 AND COALESCE(uses_max, uses)),
    CONSTRAINT grant_code_fence CHECK ((latitude IS NULL) = (longitude IS NULL) AND (latitude IS NULL) = (radius_metres IS NULL)),
    CHECK (uses_max > 0),
    CHECK (radius_metres > 0)
);
CREATE INDEX grant_code_contract_id ON grant_code (contract_id);
CREATE INDEX grant_code_specification_id ON grant_code (specification_id);
CREATE INDEX grant_code_replaced_by_id ON grant_code (replaced_by_id);
CREATE INDEX grant_code_organisation_id ON grant_code (organisation_id, id);
CREATE INDEX grant_code_place_id ON grant_code (place_id);

CREATE TABLE assigned_right (
    id BIGSERIAL PRIMARY KEY,
    state VARCHAR(8) NOT NULL DEFAULT 'HELD',
    person_id BIGINT NOT NULL,
    organisation_id BIGINT NOT NULL,
    operator_id BIGINT NOT NULL,
    place_id BIGINT NOT NULL,
    kind VARCHAR(7) NOT NULL,
    value BIGINT NOT NULL DEFAULT 0,
    granted_value BIGINT NOT NULL DEFAULT 0,
    currency VARCHAR(3) NOT NULL,
    worth_max_minor BIGINT,
    commit_minor BIGINT NOT NULL DEFAULT 0,
    terms TEXT NOT NULL,
    day VARCHAR(10) NOT NULL,
    ordinal INT NOT NULL DEFAULT 0,
    reference VARCHAR(64) NOT NULL DEFAULT '',
    valid_from TIMESTAMPTZ NOT NULL,
    valid_until TIMESTAMPTZ NOT NULL,
    reason VARCHAR(500) NOT NULL DEFAULT '',
    version INT NOT NULL DEFAULT 1,
    granted_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    contract_id BIGINT NOT NULL REFERENCES rights_contract (id) ON DELETE RESTRICT,
    enrolment_id BIGINT NOT NULL REFERENCES enrolment (id) ON DELETE RESTRICT,
    grant_code_id BIGINT NOT NULL REFERENCES grant_code (id) ON DELETE RESTRICT,
    specification_id BIGINT NOT NULL REFERENCES right_specification (id) ON DELETE RESTRICT,
    vehicle_id BIGINT NOT NULL REFERENCES vehicle (id) ON DELETE RESTRICT,
    CONSTRAINT assigned_right_once UNIQUE (grant_code_id, enrolment_id, day, ordinal),
    CONSTRAINT assigned_right_period CHECK (valid_until > valid_from),
    CHECK (value BETWEEN 0 AND granted_value),
    CHECK (commit_minor >= 0),
    CHECK (ordinal >= 0)
);
CREATE UNIQUE INDEX assigned_right_reference ON assigned_right (organisation_id, place_id, reference) WHERE reference <> '' AND state <> 'REVOKED' AND state <> 'MOVED';
CREATE INDEX assigned_right_enrolment_id ON assigned_right (enrolment_id, id);
CREATE INDEX assigned_right_person_id ON assigned_right (person_id, id);
CREATE INDEX assigned_right_organisation_id ON assigned_right (organisation_id, id);
CREATE INDEX assigned_right_operator_id ON assigned_right (operator_id, id);
CREATE INDEX assigned_right_contract_id ON assigned_right (contract_id, id);
CREATE INDEX assigned_right_grant_code_id ON assigned_right (grant_code_id, granted_at);
CREATE INDEX assigned_right_specification_id ON assigned_right (specification_id);
CREATE INDEX assigned_right_vehicle_id ON assigned_right (vehicle_id, specification_id, day);
CREATE INDEX assigned_right_due ON assigned_right (valid_until) WHERE state = 'HELD';

CREATE TABLE redemption (
    id BIGSERIAL PRIMARY KEY,
    state VARCHAR(9) NOT NULL DEFAULT 'LIVE',
    way VARCHAR(9) NOT NULL,
    person_id BIGINT NOT NULL,
    organisation_id BIGINT NOT NULL,
    operator_id BIGINT NOT NULL,
    place_id BIGINT NOT NULL,
    session_id BIGINT,
    validation_id BIGINT UNIQUE,
    plate VARCHAR(20) NOT NULL DEFAULT '',
    day VARCHAR(10) NOT NULL,
    currency VARCHAR(3) NOT NULL,
    expected_minor BIGINT NOT NULL DEFAULT 0,
    issuer_minor BIGINT,
    operator_minor BIGINT,
    minutes_used BIGINT,
    at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    invoice_id BIGINT,
    carrier_invoice_id BIGINT,
    assigned_right_id BIGINT NOT NULL REFERENCES assigned_right (id) ON DELETE RESTRICT,
    reservation_id BIGINT NOT NULL REFERENCES reservation (id) ON DELETE RESTRICT,
    CONSTRAINT redemption_finished CHECK ((state = 'LIVE') = (finished_at IS NULL)),
    CHECK (issuer_minor >= 0),
    CHECK (operator_minor >= 0)
);
CREATE UNIQUE INDEX redemption_live ON redemption (assigned_right_id) WHERE state = 'LIVE';
CREATE INDEX redemption_unfinished ON redemption (id) WHERE state = 'LIVE';
CREATE INDEX redemption_assigned_right_id ON redemption (assigned_right_id);
CREATE INDEX redemption_reservation_id ON redemption (reservation_id);
CREATE INDEX redemption_plate ON redemption (plate, day);
CREATE INDEX redemption_person_id ON redemption (person_id, id);
CREATE INDEX redemption_place_id ON redemption (place_id, id);
CREATE INDEX redemption_organisation_id ON redemption (organisation_id, finished_at);
CREATE INDEX redemption_invoice_id ON redemption (invoice_id);
CREATE INDEX redemption_carrier_invoice_id ON redemption (carrier_invoice_id);
CREATE INDEX redemption_unbilled ON redemption (finished_at) WHERE invoice_id IS NULL AND issuer_minor > 0;
CREATE INDEX redemption_carrier_unbilled ON redemption (finished_at) WHERE carrier_invoice_id IS NULL AND operator_minor > 0;

CREATE TABLE exit_code (
    id BIGSERIAL PRIMARY KEY,
    public_id VARCHAR(32) NOT NULL UNIQUE,
    place_id BIGINT NOT NULL,
    label VARCHAR(100) NOT NULL DEFAULT '',
    created_by BIGINT,
    created_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ
);
CREATE INDEX exit_code_place_id ON exit_code (place_id);

CREATE TABLE rights_invoice (
    id BIGSERIAL PRIMARY KEY,
    number VARCHAR(32) NOT NULL UNIQUE,
    organisation_id BIGINT NOT NULL,
    currency VARCHAR(3) NOT NULL,
    month VARCHAR(7) NOT NULL,
    redemptions BIGINT NOT NULL,
    amount_minor BIGINT NOT NULL,
    body TEXT NOT NULL,
    digest VARCHAR(64) NOT NULL,
    issued_at TIMESTAMPTZ NOT NULL,
    UNIQUE (organisation_id, currency, month),
    CHECK (amount_minor >= 0)
);

CREATE TABLE rights_signal (
    id BIGSERIAL PRIMARY KEY,
    kind VARCHAR(16) NOT NULL,
    organisation_id BIGINT NOT NULL,
    operator_id BIGINT NOT NULL,
    place_id BIGINT NOT NULL,
    detail TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    seen_at TIMESTAMPTZ,
    seen_by BIGINT,
    grant_code_id BIGINT NOT NULL REFERENCES grant_code (id) ON DELETE RESTRICT
);
CREATE INDEX rights_signal_grant_code_id ON rights_signal (grant_code_id, kind, at);
CREATE INDEX rights_signal_organisation_id ON rights_signal (organisation_id, id);
CREATE INDEX rights_signal_operator_id ON rights_signal (operator_id, id);
