-- SQLite has no exclusion constraint; a writer is alone there (BEGIN IMMEDIATE), so a trigger decides.
CREATE TRIGGER reservation_no_overlap_insert BEFORE INSERT ON reservation
WHEN NEW.state IN ('REQUESTED', 'PENDING_PAYMENT', 'CONFIRMED', 'ACTIVE')
BEGIN SELECT RAISE(ABORT, 'reservation_no_overlap') WHERE EXISTS (
    SELECT 1 FROM reservation r WHERE r.space_id = NEW.space_id
    AND r.state IN ('REQUESTED', 'PENDING_PAYMENT', 'CONFIRMED', 'ACTIVE')
    AND r.starts_at < NEW.blocked_until AND NEW.starts_at < r.blocked_until); END;
CREATE TRIGGER reservation_no_overlap_update BEFORE UPDATE OF space_id, starts_at, blocked_until, state ON reservation
WHEN NEW.state IN ('REQUESTED', 'PENDING_PAYMENT', 'CONFIRMED', 'ACTIVE')
BEGIN SELECT RAISE(ABORT, 'reservation_no_overlap') WHERE EXISTS (
    SELECT 1 FROM reservation r WHERE r.space_id = NEW.space_id AND r.id <> NEW.id
    AND r.state IN ('REQUESTED', 'PENDING_PAYMENT', 'CONFIRMED', 'ACTIVE')
    AND r.starts_at < NEW.blocked_until AND NEW.starts_at < r.blocked_until); END;
