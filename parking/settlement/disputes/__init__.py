"""Disputes and chargebacks: a part of a settlement is frozen until it is decided."""
