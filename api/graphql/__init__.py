"""GraphQL over HTTP, WebSocket, SSE and multipart: transports around one schema.

`app.graphql_app` builds the ASGI application. Nothing here knows parking; what the schema and the
transports tell each other is in `schema.execution`.
"""
