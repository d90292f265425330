"""The API: GraphQL over HTTP and sockets, sign-in, pages, health."""
