CREATE FUNCTION rights_invoice_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger_refuse('rights_invoice_append_only');
    RETURN NULL;
END $$;
CREATE TRIGGER rights_invoice_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON rights_invoice
    FOR EACH STATEMENT EXECUTE FUNCTION rights_invoice_append_only();
