"""The commands of `berth`, one module a group; each has `register(app)`."""
