"""Where everything durable lives: one database, two dialects, one way to speak to both.

Imports nothing of the nouns above it. Start with `database.connect`, then `sql.database()` for
single statements and `transactions.transaction()` for what must happen together.
"""
