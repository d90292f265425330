CREATE TRIGGER charge_record_no_update BEFORE UPDATE ON charge_record BEGIN SELECT RAISE(ABORT, 'charge_record_append_only'); END;
CREATE TRIGGER charge_record_no_delete BEFORE DELETE ON charge_record BEGIN SELECT RAISE(ABORT, 'charge_record_append_only'); END;
