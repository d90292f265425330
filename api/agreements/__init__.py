"""The lease agreement for people: one sheet of words, as a page and as a PDF."""
