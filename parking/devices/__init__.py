"""Devices: the sensors, locks and readers in the bays."""
