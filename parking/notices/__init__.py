"""Messages to people: a small port, an embedded channel and real ones."""
