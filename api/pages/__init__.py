"""Pages for people: server-rendered shells that use the public GraphQL schema like any frontend."""
