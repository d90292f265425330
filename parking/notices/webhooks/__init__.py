"""Webhooks to organisations' systems: endpoints, signatures, and where they may lie."""
