"""The CoAP gateway: device registry, uplinks, OSCORE material, virtual devices."""
