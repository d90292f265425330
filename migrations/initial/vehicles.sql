CREATE TABLE vehicle (
    id BIGSERIAL PRIMARY KEY,
    country VARCHAR(2) NOT NULL,
    plate VARCHAR(20) NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (country, plate)
);
CREATE INDEX vehicle_plate ON vehicle (plate);

CREATE TABLE enrolment (
    id BIGSERIAL PRIMARY KEY,
    person_id BIGINT NOT NULL,
    name VARCHAR(100) NOT NULL DEFAULT '',
    code_hash VARCHAR(64) UNIQUE,
    code_set_at TIMESTAMPTZ,
    version INT NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL,
    removed_at TIMESTAMPTZ,
    vehicle_id BIGINT NOT NULL REFERENCES vehicle (id) ON DELETE RESTRICT,
    CONSTRAINT enrolment_once UNIQUE (vehicle_id, person_id),
    CONSTRAINT enrolment_code_set CHECK ((code_hash IS NULL) = (code_set_at IS NULL)),
    CONSTRAINT enrolment_removed_without_code CHECK (removed_at IS NULL OR code_hash IS NULL)
);
CREATE INDEX enrolment_person_id ON enrolment (person_id, id);
CREATE INDEX enrolment_vehicle_id ON enrolment (vehicle_id);

CREATE TABLE vehicle_proof (
    id BIGSERIAL PRIMARY KEY,
    organisation_id BIGINT NOT NULL,
    state VARCHAR(9) NOT NULL DEFAULT 'REQUESTED',
    document_reference VARCHAR(300) NOT NULL,
    reason VARCHAR(500) NOT NULL DEFAULT '',
    requested_at TIMESTAMPTZ NOT NULL,
    decided_by BIGINT,
    decided_at TIMESTAMPTZ,
    enrolment_id BIGINT NOT NULL REFERENCES enrolment (id) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX vehicle_proof_live ON vehicle_proof (enrolment_id, organisation_id) WHERE state IN ('REQUESTED', 'APPROVED');
CREATE INDEX vehicle_proof_enrolment_id ON vehicle_proof (enrolment_id);
CREATE INDEX vehicle_proof_organisation_id ON vehicle_proof (organisation_id, id);
