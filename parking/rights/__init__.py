"""Parking rights: granted by a code that is scanned, redeemed by drivers themselves."""
