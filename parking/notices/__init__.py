"""Messages to people and systems: one outbox, and channels that are embedded or real."""
