CREATE FUNCTION charge_record_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger_refuse('charge_record_append_only');
    RETURN NULL;
END $$;
CREATE TRIGGER charge_record_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON charge_record
    FOR EACH STATEMENT EXECUTE FUNCTION charge_record_append_only();
