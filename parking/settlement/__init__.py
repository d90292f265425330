"""Settlement: the money of a booking, from its first amount to the payout."""
