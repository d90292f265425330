"""The ledger: accounts, transfers made of postings, balances; append-only and summing to zero."""
