-- Equality of space_id in a GiST index; a trusted extension that ships with PostgreSQL.
CREATE EXTENSION IF NOT EXISTS btree_gist;
ALTER TABLE reservation ADD CONSTRAINT reservation_no_overlap
    EXCLUDE USING gist (space_id WITH =, tstzrange(starts_at, blocked_until) WITH &&)
    WHERE (state IN ('REQUESTED', 'PENDING_PAYMENT', 'CONFIRMED', 'ACTIVE'));
