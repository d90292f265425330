CREATE FUNCTION ledger_refuse(what TEXT) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', what USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION ledger_posting_made() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE made ledger_transfer;
BEGIN
    SELECT * INTO made FROM ledger_transfer WHERE id = NEW.transfer_id;
    IF EXISTS (SELECT 1 FROM ledger_seal WHERE transfer_id = NEW.transfer_id) THEN
        PERFORM ledger_refuse('ledger_sealed');
    END IF;
    IF NEW.is_pending <> (made.kind = 'PENDING') OR NEW.at <> made.at THEN
        PERFORM ledger_refuse('ledger_phase');
    END IF;
    IF NOT NEW.is_pending THEN
        UPDATE ledger_account SET balance_minor = balance_minor + NEW.amount_minor
            WHERE id = NEW.account_id AND is_tracked;
    ELSIF NEW.amount_minor < 0 THEN
        UPDATE ledger_account SET held_minor = held_minor - NEW.amount_minor
            WHERE id = NEW.account_id AND is_tracked;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_posting_made AFTER INSERT ON ledger_posting
    FOR EACH ROW EXECUTE FUNCTION ledger_posting_made();

CREATE FUNCTION ledger_transfer_pending() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger_open (transfer_id, expires_at) VALUES (NEW.id, NEW.expires_at);
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_transfer_pending AFTER INSERT ON ledger_transfer
    FOR EACH ROW WHEN (NEW.kind = 'PENDING') EXECUTE FUNCTION ledger_transfer_pending();

CREATE FUNCTION ledger_transfer_resolving() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE pending ledger_transfer;
BEGIN
    SELECT * INTO pending FROM ledger_transfer WHERE id = NEW.pending_id;
    IF pending.kind IS DISTINCT FROM 'PENDING' THEN
        PERFORM ledger_refuse('ledger_not_pending');
    END IF;
    IF NEW.kind = 'POST' AND pending.expires_at <= NEW.at THEN
        PERFORM ledger_refuse('ledger_pending_expired');
    END IF;
    IF NEW.kind = 'EXPIRE' AND pending.expires_at > NEW.at THEN
        PERFORM ledger_refuse('ledger_not_expired');
    END IF;
    DELETE FROM ledger_open WHERE transfer_id = NEW.pending_id;
    IF NOT FOUND THEN
        PERFORM ledger_refuse('ledger_resolved');
    END IF;
    UPDATE ledger_account a SET held_minor = a.held_minor + p.amount_minor
        FROM ledger_posting p
        WHERE p.transfer_id = NEW.pending_id AND p.account_id = a.id AND p.amount_minor < 0 AND a.is_tracked;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_transfer_resolving AFTER INSERT ON ledger_transfer
    FOR EACH ROW WHEN (NEW.pending_id IS NOT NULL) EXECUTE FUNCTION ledger_transfer_resolving();

CREATE FUNCTION ledger_seal_set() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE made ledger_transfer;
BEGIN
    SELECT * INTO made FROM ledger_transfer WHERE id = NEW.transfer_id;
    IF made.id IS NULL THEN
        PERFORM ledger_refuse('ledger_seal_alone');
    END IF;
    IF EXISTS (
        SELECT 1 FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id
        WHERE p.transfer_id = made.id GROUP BY a.currency HAVING SUM(p.amount_minor) <> 0) THEN
        PERFORM ledger_refuse('ledger_unbalanced');
    END IF;
    IF (made.kind IN ('VOID', 'EXPIRE')) <> NOT EXISTS (
        SELECT 1 FROM ledger_posting WHERE transfer_id = made.id) THEN
        PERFORM ledger_refuse('ledger_postings');
    END IF;
    IF made.kind = 'POST' AND EXISTS (
        SELECT 1 FROM ledger_posting p
        LEFT JOIN ledger_posting q ON q.transfer_id = made.pending_id AND q.account_id = p.account_id
        WHERE p.transfer_id = made.id AND (q.id IS NULL
            OR (p.amount_minor > 0) <> (q.amount_minor > 0) OR ABS(p.amount_minor) > ABS(q.amount_minor))) THEN
        PERFORM ledger_refuse('ledger_exceeds_pending');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_seal_set BEFORE INSERT ON ledger_seal
    FOR EACH ROW EXECUTE FUNCTION ledger_seal_set();

CREATE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger_refuse('ledger_append_only');
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_posting_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_posting
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_transfer_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transfer
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_seal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_seal
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_account_kept BEFORE DELETE OR TRUNCATE ON ledger_account
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_account_fixed BEFORE UPDATE OF name, kind, currency, is_tracked ON ledger_account
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
