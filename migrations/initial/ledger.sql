CREATE TABLE ledger_account (
    id BIGSERIAL PRIMARY KEY,
    name VARCHAR(64) NOT NULL,
    kind VARCHAR(10) NOT NULL,
    currency VARCHAR(3) NOT NULL,
    is_tracked BOOL NOT NULL DEFAULT FALSE,
    minimum_minor BIGINT,
    maximum_minor BIGINT,
    balance_minor BIGINT NOT NULL DEFAULT 0,
    held_minor BIGINT NOT NULL DEFAULT 0,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (name, currency),
    CONSTRAINT ledger_account_held CHECK (held_minor >= 0),
    CONSTRAINT ledger_account_minimum CHECK (minimum_minor IS NULL OR balance_minor - held_minor >= minimum_minor),
    CONSTRAINT ledger_account_maximum CHECK (maximum_minor IS NULL OR balance_minor <= maximum_minor)
);

-- A row here says that the transfer is whole and balanced; its trigger looks. `ledger_transfer.id` points
-- here by a deferred key, so that no transfer can be committed that was not looked at.
CREATE TABLE ledger_seal (
    transfer_id BIGINT NOT NULL PRIMARY KEY
);

CREATE TABLE ledger_transfer (
    id BIGSERIAL PRIMARY KEY,
    public_id VARCHAR(64) NOT NULL UNIQUE,
    kind VARCHAR(7) NOT NULL,
    code VARCHAR(32) NOT NULL,
    reason VARCHAR(500) NOT NULL DEFAULT '',
    subject VARCHAR(40) NOT NULL DEFAULT '',
    actor VARCHAR(64) NOT NULL,
    input_hash VARCHAR(64) NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ,
    pending_id BIGINT UNIQUE REFERENCES ledger_transfer (id) ON DELETE RESTRICT,
    corrects_id BIGINT REFERENCES ledger_transfer (id) ON DELETE RESTRICT,
    CONSTRAINT ledger_transfer_sealed FOREIGN KEY (id) REFERENCES ledger_seal (transfer_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT ledger_transfer_kind CHECK (kind IN ('DIRECT', 'PENDING', 'POST', 'VOID', 'EXPIRE')),
    CONSTRAINT ledger_transfer_resolves CHECK ((kind IN ('POST', 'VOID', 'EXPIRE')) = (pending_id IS NOT NULL)),
    CONSTRAINT ledger_transfer_expiry CHECK ((kind = 'PENDING') = (expires_at IS NOT NULL))
);
CREATE INDEX ledger_transfer_subject ON ledger_transfer (subject);
CREATE INDEX ledger_transfer_at ON ledger_transfer (at, id);
CREATE INDEX ledger_transfer_corrects_id ON ledger_transfer (corrects_id);

-- The pending transfers that wait: kept by triggers, so that what is due is found among those alone.
CREATE TABLE ledger_open (
    expires_at TIMESTAMPTZ NOT NULL,
    transfer_id BIGINT NOT NULL PRIMARY KEY REFERENCES ledger_transfer (id) ON DELETE RESTRICT
);
CREATE INDEX ledger_open_expires_at ON ledger_open (expires_at);

CREATE TABLE ledger_posting (
    id BIGSERIAL PRIMARY KEY,
    amount_minor BIGINT NOT NULL,
    is_pending BOOL NOT NULL DEFAULT FALSE,
    at TIMESTAMPTZ NOT NULL,
    transfer_id BIGINT NOT NULL REFERENCES ledger_transfer (id) ON DELETE RESTRICT,
    account_id BIGINT NOT NULL REFERENCES ledger_account (id) ON DELETE RESTRICT,
    UNIQUE (transfer_id, account_id),
    CONSTRAINT ledger_posting_amount CHECK (amount_minor <> 0)
);
-- Holds all that a sum needs.
CREATE INDEX ledger_posting_account_id ON ledger_posting (account_id, at, id, amount_minor, is_pending);
