"""The GraphQL schema and nothing else: thin resolvers over `parking`, one file per noun."""
