"""Every limit of the GraphQL transports, with its name and its number."""

from dataclasses import dataclass

DEPTH_MAX = 14
"""Nested selection sets of one operation; introspection fields are not counted."""
ALIASES_MAX = 30
"""Aliases in one document."""
DIRECTIVES_MAX = 30
"""Directives in one document."""
REPEATS_MAX = 40
"""Fields that answer under one name in one place: validation compares each pair of them."""
FIELDS_MAX = 10_000
"""Selections of a document, those of fragments counted wherever they are spread."""
TOKENS_MAX = 2_000
"""Lexical tokens of one document."""
COST_MAX = 20_000
"""Cost of one operation; page sizes multiply the cost of what is inside."""
PAGE_SIZE_MAX = 1_000
"""The greatest `first` or `last`; the smallest is 0."""
VALIDATION_ERRORS_MAX = 20
"""Validation stops after so many errors."""
VARIABLE_ERRORS_MAX = 20
"""Coercion of variables stops after so many errors."""
BODY_BYTES_MAX = 128 * 1024
"""The body of a POST."""
QUERY_STRING_BYTES_MAX = 8 * 1024
"""The query string of a GET."""
MESSAGE_BYTES_MAX = 128 * 1024
"""One message of a WebSocket client; longer ones close the socket with 1009."""
OPERATION_ID_LENGTH_MAX = 128
"""Characters of the id a WebSocket client gives an operation."""
OPERATIONS_PER_SOCKET_MAX = 100
"""Operations alive on one WebSocket at a time."""
SOCKETS_PER_SOURCE_MAX = 500
"""WebSockets and event streams alive from one address at a time."""
SUBSCRIPTIONS_PER_VIEWER_MAX = 1_000
"""Subscriptions alive of one person, or of one address where nobody is signed in."""
CONNECTION_INIT_SECONDS_MAX = 5.0
"""A WebSocket that has not sent `connection_init` by then is closed with 4408."""
COALESCE_SECONDS = 0.005
"""Changes that follow a delivery within this time travel together: the longest added wait."""
SLOW_CLIENT_SECONDS_MAX = 10.0
"""A subscriber whose connection takes nothing for so long is closed with 4410."""
SLOW_CLOSE_SECONDS_MAX = 10.0
"""So long may the closing itself wait for such a client; then the connection is reset."""
RETAINED_EVENTS_MAX = 256
"""Deltas a group keeps to bring a joiner from its snapshot to the present."""
FEED_LAG_SECONDS_MAX = 2.0
"""A feed that is behind a snapshot for longer has lost something: everybody gets a new one."""
REVALIDATE_SECONDS = 30.0
"""The interval at which viewers of live sockets are checked again."""
KEEP_ALIVE_SECONDS = 12.0
"""The interval of comments on an event stream, and of heartbeats on a multipart one."""
DOCUMENTS_MAX = 1_000
"""Parsed and validated documents kept."""
DOCUMENTS_BYTES_MAX = 64 * 1024 * 1024
"""Their memory, estimated from the length of their text."""
PERSISTED_MAX = 1_000
"""Documents registered by automatic persisted queries."""
PERSISTED_BYTES_MAX = 4 * 1024 * 1024
"""Their source text."""
ASKED_TOTAL_BYTES_MAX = 8 * 1024 * 1024
"""Request bodies whose meaning is kept."""
ASKED_BYTES_MAX = 8 * 1024
"""A longer body is read anew every time."""
ANSWERS_BYTES_MAX = 64 * 1024 * 1024
"""Encoded answers kept."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits one application runs with; the defaults are the numbers above."""

    depth_max: int = DEPTH_MAX
    aliases_max: int = ALIASES_MAX
    directives_max: int = DIRECTIVES_MAX
    repeats_max: int = REPEATS_MAX
    tokens_max: int = TOKENS_MAX
    cost_max: int = COST_MAX
    page_size_max: int = PAGE_SIZE_MAX
    body_bytes_max: int = BODY_BYTES_MAX
    query_string_bytes_max: int = QUERY_STRING_BYTES_MAX
    message_bytes_max: int = MESSAGE_BYTES_MAX
    operations_per_socket_max: int = OPERATIONS_PER_SOCKET_MAX
    sockets_per_source_max: int = SOCKETS_PER_SOURCE_MAX
    subscriptions_per_viewer_max: int = SUBSCRIPTIONS_PER_VIEWER_MAX
    connection_init_seconds_max: float = CONNECTION_INIT_SECONDS_MAX
    coalesce_seconds: float = COALESCE_SECONDS
    slow_client_seconds_max: float = SLOW_CLIENT_SECONDS_MAX
    slow_close_seconds_max: float = SLOW_CLOSE_SECONDS_MAX
    retained_events_max: int = RETAINED_EVENTS_MAX
    feed_lag_seconds_max: float = FEED_LAG_SECONDS_MAX
    revalidate_seconds: float = REVALIDATE_SECONDS
    keep_alive_seconds: float = KEEP_ALIVE_SECONDS
    answers_bytes_max: int = ANSWERS_BYTES_MAX
