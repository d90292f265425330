"""Fee contracts: who gets which share, dated."""
