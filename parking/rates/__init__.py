"""What parking costs: rate tables as data, and the engine that prices a stay."""
