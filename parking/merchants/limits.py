"""Limits of merchants, each with its unit last."""

PERSONAL_KEPT_DAYS = 90
"""So long after an order is over its guest's name, phone and plate are kept (the default of
`BERTH_ORDER_PERSONAL_DAYS`): for complaints, and for what was left behind."""
