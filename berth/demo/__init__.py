"""A believable estate to look at: places, people, devices, and the last day of cars."""
