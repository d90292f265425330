CREATE TABLE fee_contract (
    id BIGSERIAL PRIMARY KEY,
    organisation_id BIGINT,
    place_id BIGINT,
    terms TEXT NOT NULL,
    valid_from TIMESTAMPTZ NOT NULL,
    valid_until TIMESTAMPTZ,
    created_by BIGINT,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX fee_contract_organisation_id ON fee_contract (organisation_id);
CREATE INDEX fee_contract_place_id ON fee_contract (place_id);

CREATE TABLE payment_account (
    id BIGSERIAL PRIMARY KEY,
    person_id BIGINT NOT NULL,
    rail VARCHAR(16) NOT NULL,
    customer VARCHAR(128) NOT NULL DEFAULT '',
    reference VARCHAR(128) NOT NULL DEFAULT '',
    label VARCHAR(100) NOT NULL DEFAULT '',
    is_default BOOL NOT NULL DEFAULT FALSE,
    created_at TIMESTAMPTZ NOT NULL,
    removed_at TIMESTAMPTZ
);
CREATE INDEX payment_account_person_id ON payment_account (person_id);
CREATE UNIQUE INDEX payment_account_default ON payment_account (person_id) WHERE is_default AND removed_at IS NULL;

CREATE TABLE escrow_account (
    id BIGSERIAL PRIMARY KEY,
    state VARCHAR(7) NOT NULL DEFAULT 'OPEN',
    person_id BIGINT NOT NULL,
    organisation_id BIGINT NOT NULL,
    operator_id BIGINT NOT NULL,
    place_id BIGINT NOT NULL,
    currency VARCHAR(3) NOT NULL,
    rail VARCHAR(16) NOT NULL,
    secured_minor BIGINT NOT NULL DEFAULT 0,
    contract TEXT NOT NULL,
    opened_at TIMESTAMPTZ NOT NULL,
    settled_at TIMESTAMPTZ,
    payment_account_id BIGINT REFERENCES payment_account (id) ON DELETE RESTRICT,
    reservation_id BIGINT NOT NULL UNIQUE REFERENCES reservation (id) ON DELETE RESTRICT,
    CHECK (secured_minor >= 0)
);
CREATE INDEX escrow_account_open ON escrow_account (reservation_id) WHERE state = 'OPEN';
CREATE INDEX escrow_account_payment_account_id ON escrow_account (payment_account_id);

CREATE TABLE settlement (
    id BIGSERIAL PRIMARY KEY,
    outcome VARCHAR(9) NOT NULL,
    person_id BIGINT NOT NULL,
    organisation_id BIGINT NOT NULL,
    operator_id BIGINT NOT NULL,
    place_id BIGINT NOT NULL,
    currency VARCHAR(3) NOT NULL,
    cost_minor BIGINT NOT NULL,
    secured_minor BIGINT NOT NULL,
    validation_minor BIGINT NOT NULL DEFAULT 0,
    topped_up_minor BIGINT NOT NULL DEFAULT 0,
    receivable_minor BIGINT NOT NULL DEFAULT 0,
    owner_minor BIGINT NOT NULL,
    property_minor BIGINT NOT NULL,
    platform_minor BIGINT NOT NULL,
    tax_minor BIGINT NOT NULL,
    refund_minor BIGINT NOT NULL,
    lines TEXT NOT NULL,
    parts TEXT NOT NULL,
    version INT NOT NULL DEFAULT 1,
    at TIMESTAMPTZ NOT NULL,
    reservation_id BIGINT NOT NULL UNIQUE REFERENCES reservation (id) ON DELETE RESTRICT,
    CONSTRAINT settlement_whole CHECK (
        secured_minor + validation_minor + topped_up_minor + receivable_minor
        = owner_minor + property_minor + platform_minor + tax_minor + refund_minor),
    CONSTRAINT settlement_cost CHECK (cost_minor = owner_minor + property_minor + platform_minor + tax_minor)
);
CREATE INDEX settlement_person_id ON settlement (person_id, id);
CREATE INDEX settlement_organisation_id ON settlement (organisation_id, at);
CREATE INDEX settlement_place_id ON settlement (place_id, at);
CREATE INDEX settlement_at ON settlement (at);

CREATE TABLE charge_record (
    id BIGSERIAL PRIMARY KEY,
    number VARCHAR(24) NOT NULL UNIQUE,
    kind VARCHAR(6) NOT NULL,
    person_id BIGINT NOT NULL,
    organisation_id BIGINT NOT NULL,
    operator_id BIGINT NOT NULL,
    place_id BIGINT NOT NULL,
    currency VARCHAR(3) NOT NULL,
    amount_minor BIGINT NOT NULL,
    body TEXT NOT NULL,
    digest VARCHAR(64) NOT NULL,
    issued_at TIMESTAMPTZ NOT NULL,
    corrects_id BIGINT REFERENCES charge_record (id) ON DELETE RESTRICT,
    settlement_id BIGINT NOT NULL REFERENCES settlement (id) ON DELETE RESTRICT,
    CONSTRAINT charge_record_kind CHECK ((kind = 'CREDIT') = (corrects_id IS NOT NULL))
);
CREATE INDEX charge_record_settlement_id ON charge_record (settlement_id);
CREATE INDEX charge_record_corrects_id ON charge_record (corrects_id);
CREATE INDEX charge_record_person_id ON charge_record (person_id, id);
CREATE INDEX charge_record_organisation_id ON charge_record (organisation_id, issued_at);
CREATE INDEX charge_record_place_id ON charge_record (place_id, issued_at);

CREATE TABLE validation (
    id BIGSERIAL PRIMARY KEY,
    organisation_id BIGINT NOT NULL,
    kind VARCHAR(7) NOT NULL,
    value BIGINT NOT NULL DEFAULT 0,
    label VARCHAR(100) NOT NULL DEFAULT '',
    paid_minor BIGINT,
    right_id BIGINT,
    most_minor BIGINT,
    price_minor BIGINT,
    carrier_id BIGINT,
    carried_minor BIGINT NOT NULL DEFAULT 0,
    covered_minor BIGINT NOT NULL DEFAULT 0,
    created_by BIGINT,
    created_at TIMESTAMPTZ NOT NULL,
    returned_at TIMESTAMPTZ,
    settlement_id BIGINT REFERENCES settlement (id) ON DELETE RESTRICT,
    reservation_id BIGINT NOT NULL REFERENCES reservation (id) ON DELETE RESTRICT,
    CONSTRAINT validation_carried CHECK (carried_minor BETWEEN 0 AND COALESCE(paid_minor, 0)),
    CHECK (covered_minor >= 0)
);
CREATE INDEX validation_reservation_id ON validation (reservation_id);
CREATE INDEX validation_settlement_id ON validation (settlement_id);
CREATE INDEX validation_organisation_id ON validation (organisation_id, created_at);

CREATE TABLE payment (
    id BIGSERIAL PRIMARY KEY,
    public_id VARCHAR(64) NOT NULL UNIQUE,
    state VARCHAR(13) NOT NULL,
    purpose VARCHAR(9) NOT NULL,
    person_id BIGINT NOT NULL,
    rail VARCHAR(16) NOT NULL,
    currency VARCHAR(3) NOT NULL,
    amount_minor BIGINT NOT NULL,
    captured_minor BIGINT NOT NULL DEFAULT 0,
    refunded_minor BIGINT NOT NULL DEFAULT 0,
    rail_reference VARCHAR(128),
    action VARCHAR(500) NOT NULL DEFAULT '',
    reason VARCHAR(500) NOT NULL DEFAULT '',
    version INT NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ,
    secured_at TIMESTAMPTZ,
    reservation_id BIGINT REFERENCES reservation (id) ON DELETE RESTRICT,
    payment_account_id BIGINT REFERENCES payment_account (id) ON DELETE RESTRICT,
    UNIQUE (rail, rail_reference),
    CHECK (amount_minor > 0),
    CHECK (captured_minor BETWEEN 0 AND amount_minor),
    CHECK (refunded_minor BETWEEN 0 AND captured_minor)
);
CREATE INDEX payment_person_id ON payment (person_id, id);
CREATE INDEX payment_reservation_id ON payment (reservation_id);
CREATE INDEX payment_payment_account_id ON payment (payment_account_id);
CREATE INDEX payment_waiting ON payment (changed_at) WHERE state IN ('CREATED', 'ACTION_NEEDED', 'AUTHORISED') AND secured_at IS NULL;
CREATE UNIQUE INDEX payment_under_way ON payment (reservation_id) WHERE state IN ('CREATED', 'ACTION_NEEDED', 'AUTHORISED') AND secured_at IS NULL AND purpose IN ('BOOKING', 'EXTENSION');

CREATE TABLE payout_terms (
    id BIGSERIAL PRIMARY KEY,
    schedule VARCHAR(7) NOT NULL,
    day INT NOT NULL DEFAULT 1,
    delay_days INT NOT NULL,
    minimum_minor BIGINT NOT NULL,
    rail VARCHAR(16) NOT NULL,
    reference VARCHAR(128) NOT NULL DEFAULT '',
    time_zone VARCHAR(64) NOT NULL,
    next_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    organisation_id BIGINT NOT NULL UNIQUE REFERENCES organisation (id) ON DELETE RESTRICT
);
CREATE INDEX payout_terms_next_at ON payout_terms (next_at);

CREATE TABLE payout (
    id BIGSERIAL PRIMARY KEY,
    public_id VARCHAR(64) NOT NULL UNIQUE,
    state VARCHAR(7) NOT NULL,
    currency VARCHAR(3) NOT NULL,
    amount_minor BIGINT NOT NULL,
    rail VARCHAR(16) NOT NULL,
    reference VARCHAR(128) NOT NULL DEFAULT '',
    rail_reference VARCHAR(128),
    reason VARCHAR(500) NOT NULL DEFAULT '',
    version INT NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    organisation_id BIGINT NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    CHECK (amount_minor > 0)
);
CREATE INDEX payout_organisation_id ON payout (organisation_id, id);

CREATE TABLE payout_item (
    id BIGSERIAL PRIMARY KEY,
    organisation_id BIGINT NOT NULL,
    party VARCHAR(8) NOT NULL,
    cause VARCHAR(10) NOT NULL,
    currency VARCHAR(3) NOT NULL,
    amount_minor BIGINT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    payout_id BIGINT REFERENCES payout (id) ON DELETE RESTRICT,
    settlement_id BIGINT NOT NULL REFERENCES settlement (id) ON DELETE RESTRICT
);
CREATE INDEX payout_item_owed ON payout_item (organisation_id, currency, at) WHERE payout_id IS NULL;
CREATE INDEX payout_item_payout_id ON payout_item (payout_id);
CREATE INDEX payout_item_settlement_id ON payout_item (settlement_id);
CREATE INDEX payout_item_organisation_id ON payout_item (organisation_id, at);

CREATE TABLE rail_order (
    id BIGSERIAL PRIMARY KEY,
    key VARCHAR(64) NOT NULL UNIQUE,
    kind VARCHAR(9) NOT NULL,
    state VARCHAR(12) NOT NULL,
    rail VARCHAR(16) NOT NULL,
    currency VARCHAR(3) NOT NULL,
    amount_minor BIGINT NOT NULL,
    attempts INT NOT NULL DEFAULT 0,
    generation INT NOT NULL DEFAULT 0,
    due_at TIMESTAMPTZ NOT NULL,
    last_error VARCHAR(500) NOT NULL DEFAULT '',
    rail_reference VARCHAR(128),
    created_at TIMESTAMPTZ NOT NULL,
    done_at TIMESTAMPTZ,
    payment_id BIGINT REFERENCES payment (id) ON DELETE RESTRICT,
    payout_id BIGINT REFERENCES payout (id) ON DELETE RESTRICT
);
CREATE INDEX rail_order_due ON rail_order (due_at) WHERE state = 'DUE';
CREATE INDEX rail_order_payment_id ON rail_order (payment_id);
CREATE INDEX rail_order_payout_id ON rail_order (payout_id);

CREATE TABLE rail_event (
    id BIGSERIAL PRIMARY KEY,
    rail VARCHAR(16) NOT NULL,
    event_id VARCHAR(128) NOT NULL,
    kind VARCHAR(64) NOT NULL,
    body TEXT NOT NULL,
    occurred_at TIMESTAMPTZ NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    handled_at TIMESTAMPTZ,
    outcome VARCHAR(200) NOT NULL DEFAULT '',
    UNIQUE (rail, event_id)
);
CREATE INDEX rail_event_unhandled ON rail_event (due_at) WHERE handled_at IS NULL;

CREATE TABLE dispute (
    id BIGSERIAL PRIMARY KEY,
    state VARCHAR(8) NOT NULL,
    opened_by BIGINT,
    party VARCHAR(8) NOT NULL,
    reason VARCHAR(1000) NOT NULL,
    currency VARCHAR(3) NOT NULL,
    amount_minor BIGINT NOT NULL,
    frozen_minor BIGINT NOT NULL DEFAULT 0,
    frozen TEXT NOT NULL DEFAULT '{}',
    to_driver_minor BIGINT,
    decision VARCHAR(1000) NOT NULL DEFAULT '',
    decided_by BIGINT,
    opened_at TIMESTAMPTZ NOT NULL,
    decided_at TIMESTAMPTZ,
    appeal_until TIMESTAMPTZ,
    appealed_at TIMESTAMPTZ,
    closed_at TIMESTAMPTZ,
    rail_reference VARCHAR(128) UNIQUE,
    version INT NOT NULL DEFAULT 1,
    settlement_id BIGINT NOT NULL REFERENCES settlement (id) ON DELETE RESTRICT,
    CHECK (amount_minor > 0),
    CHECK (frozen_minor <= amount_minor),
    CHECK (to_driver_minor BETWEEN 0 AND frozen_minor)
);
CREATE UNIQUE INDEX dispute_live ON dispute (settlement_id) WHERE state <> 'CLOSED';
CREATE INDEX dispute_settlement_id ON dispute (settlement_id);
CREATE INDEX dispute_appeal_until ON dispute (appeal_until) WHERE state = 'DECIDED';

CREATE TABLE dispute_evidence (
    id BIGSERIAL PRIMARY KEY,
    person_id BIGINT,
    party VARCHAR(8) NOT NULL,
    text VARCHAR(4000) NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    dispute_id BIGINT NOT NULL REFERENCES dispute (id) ON DELETE RESTRICT
);
CREATE INDEX dispute_evidence_dispute_id ON dispute_evidence (dispute_id);

CREATE TABLE money_event (
    id BIGSERIAL PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    topics TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX money_event_at ON money_event (at);
