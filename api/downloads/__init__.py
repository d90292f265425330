"""Tables of money as files (CSV) for spreadsheets and book-keeping."""
