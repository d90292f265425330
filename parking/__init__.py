"""The domain of Berth: what the platform does. Knows no GraphQL, no HTTP and no CoAP."""
