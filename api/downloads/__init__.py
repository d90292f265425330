"""Tables of money and rights as files (CSV) for spreadsheets and book-keeping."""
