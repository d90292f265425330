CREATE TRIGGER rights_invoice_no_update BEFORE UPDATE ON rights_invoice BEGIN SELECT RAISE(ABORT, 'rights_invoice_append_only'); END;
CREATE TRIGGER rights_invoice_no_delete BEFORE DELETE ON rights_invoice BEGIN SELECT RAISE(ABORT, 'rights_invoice_append_only'); END;
