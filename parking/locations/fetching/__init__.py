"""Letting somebody else drive the car out: a right apart from seeing where it stands (CLAIMS E9,
E15). What a reader makes of it is `parking.access.delegations`."""
