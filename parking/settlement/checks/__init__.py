"""Checks of the books: settlements, payouts and disputes against the ledger."""
