"""Vehicles, who drives them, and the code that each driver chose for one."""
