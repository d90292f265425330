"""The receipt for people: one sheet of words from a charge record, as a page and as PDF."""
