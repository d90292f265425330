CREATE TRIGGER ledger_posting_made AFTER INSERT ON ledger_posting
BEGIN
    SELECT RAISE(ABORT, 'ledger_sealed') WHERE EXISTS (SELECT 1 FROM ledger_seal WHERE transfer_id = NEW.transfer_id);
    SELECT RAISE(ABORT, 'ledger_phase') WHERE NOT EXISTS (
        SELECT 1 FROM ledger_transfer WHERE id = NEW.transfer_id AND (kind = 'PENDING') = NEW.is_pending AND at = NEW.at);
    UPDATE ledger_account SET balance_minor = balance_minor + NEW.amount_minor
        WHERE id = NEW.account_id AND is_tracked AND NOT NEW.is_pending;
    UPDATE ledger_account SET held_minor = held_minor - NEW.amount_minor
        WHERE id = NEW.account_id AND is_tracked AND NEW.is_pending AND NEW.amount_minor < 0;
END;
CREATE TRIGGER ledger_transfer_pending AFTER INSERT ON ledger_transfer WHEN NEW.kind = 'PENDING'
BEGIN
    INSERT INTO ledger_open (transfer_id, expires_at) VALUES (NEW.id, NEW.expires_at);
END;
CREATE TRIGGER ledger_transfer_resolving AFTER INSERT ON ledger_transfer WHEN NEW.pending_id IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'ledger_not_pending') WHERE NOT EXISTS (
        SELECT 1 FROM ledger_transfer WHERE id = NEW.pending_id AND kind = 'PENDING');
    SELECT RAISE(ABORT, 'ledger_pending_expired') WHERE NEW.kind = 'POST' AND EXISTS (
        SELECT 1 FROM ledger_transfer WHERE id = NEW.pending_id AND expires_at <= NEW.at);
    SELECT RAISE(ABORT, 'ledger_not_expired') WHERE NEW.kind = 'EXPIRE' AND EXISTS (
        SELECT 1 FROM ledger_transfer WHERE id = NEW.pending_id AND expires_at > NEW.at);
    SELECT RAISE(ABORT, 'ledger_resolved') WHERE NOT EXISTS (
        SELECT 1 FROM ledger_open WHERE transfer_id = NEW.pending_id);
    DELETE FROM ledger_open WHERE transfer_id = NEW.pending_id;
    UPDATE ledger_account SET held_minor = held_minor + (
        SELECT p.amount_minor FROM ledger_posting p WHERE p.transfer_id = NEW.pending_id AND p.account_id = ledger_account.id)
        WHERE is_tracked AND id IN (
            SELECT p.account_id FROM ledger_posting p WHERE p.transfer_id = NEW.pending_id AND p.amount_minor < 0);
END;
CREATE TRIGGER ledger_seal_set BEFORE INSERT ON ledger_seal
BEGIN
    SELECT RAISE(ABORT, 'ledger_seal_alone') WHERE NOT EXISTS (SELECT 1 FROM ledger_transfer WHERE id = NEW.transfer_id);
    SELECT RAISE(ABORT, 'ledger_unbalanced') WHERE EXISTS (
        SELECT 1 FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id
        WHERE p.transfer_id = NEW.transfer_id GROUP BY a.currency HAVING SUM(p.amount_minor) <> 0);
    SELECT RAISE(ABORT, 'ledger_postings') WHERE
        ((SELECT kind IN ('VOID', 'EXPIRE') FROM ledger_transfer WHERE id = NEW.transfer_id)
        <> NOT EXISTS (SELECT 1 FROM ledger_posting WHERE transfer_id = NEW.transfer_id));
    SELECT RAISE(ABORT, 'ledger_exceeds_pending') WHERE EXISTS (
        SELECT 1 FROM ledger_transfer t JOIN ledger_posting p ON p.transfer_id = t.id
        LEFT JOIN ledger_posting q ON q.transfer_id = t.pending_id AND q.account_id = p.account_id
        WHERE t.id = NEW.transfer_id AND t.kind = 'POST' AND (q.id IS NULL
            OR (p.amount_minor > 0) <> (q.amount_minor > 0) OR ABS(p.amount_minor) > ABS(q.amount_minor)));
END;
CREATE TRIGGER ledger_posting_no_update BEFORE UPDATE ON ledger_posting BEGIN SELECT RAISE(ABORT, 'ledger_append_only'); END;
CREATE TRIGGER ledger_posting_no_delete BEFORE DELETE ON ledger_posting BEGIN SELECT RAISE(ABORT, 'ledger_append_only'); END;
CREATE TRIGGER ledger_transfer_no_update BEFORE UPDATE ON ledger_transfer BEGIN SELECT RAISE(ABORT, 'ledger_append_only'); END;
CREATE TRIGGER ledger_transfer_no_delete BEFORE DELETE ON ledger_transfer BEGIN SELECT RAISE(ABORT, 'ledger_append_only'); END;
CREATE TRIGGER ledger_seal_no_update BEFORE UPDATE ON ledger_seal BEGIN SELECT RAISE(ABORT, 'ledger_append_only'); END;
CREATE TRIGGER ledger_seal_no_delete BEFORE DELETE ON ledger_seal BEGIN SELECT RAISE(ABORT, 'ledger_append_only'); END;
CREATE TRIGGER ledger_account_no_delete BEFORE DELETE ON ledger_account BEGIN SELECT RAISE(ABORT, 'ledger_append_only'); END;
CREATE TRIGGER ledger_account_fixed BEFORE UPDATE OF name, kind, currency, is_tracked ON ledger_account
BEGIN SELECT RAISE(ABORT, 'ledger_append_only'); END;
