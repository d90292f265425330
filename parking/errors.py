"""The domain's errors.

    BerthError
    ├── Refusal                 something the caller can act on; data in GraphQL
    │   ├── InvalidInput        a value is malformed or out of range; names the field
    │   ├── NotFound            no such object, or none that this viewer may know of
    │   ├── NotPermitted        the object is visible, the verb is not the viewer's
    │   ├── Conflict            the object is not in a state that allows the verb
    │   ├── KeyReused           an idempotency key came back with another input
    │   └── TooManyTries        a limit of attempts; try again after `retry_after_seconds`
    └── Unauthenticated         credentials are missing, expired or false

Every error has a stable `code` (UPPER_SNAKE) and a message that says what was wrong, what was
expected and what to do.
"""


class BerthError(Exception):
    """Root of everything the domain raises on purpose."""

    code = "ERROR"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class Refusal(BerthError):
    """The request was understood and is declined for a reason the caller can act on."""

    code = "REFUSED"


class InvalidInput(Refusal):
    """A value is malformed or out of range; `field` is the input's path: `spaces.0.number`."""

    code = "INVALID_INPUT"

    def __init__(self, field: str, message: str, *, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.field = field


class NotFound(Refusal):
    """No such object, or none that this viewer may know of: both look the same."""

    code = "NOT_FOUND"


class NotPermitted(Refusal):
    """The object is visible to the viewer, the verb is not theirs."""

    code = "NOT_PERMITTED"


class Conflict(Refusal):
    """The object is not in a state that allows the verb."""

    code = "CONFLICT"


class KeyReused(Refusal):
    """An idempotency key came back with another input."""

    code = "IDEMPOTENCY_KEY_REUSED"


class TooManyTries(Refusal):
    """A limit of attempts was reached."""

    code = "TOO_MANY_TRIES"

    def __init__(self, message: str, retry_after_seconds: int) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class Unauthenticated(BerthError):
    """Credentials are missing, expired or false; sign in again."""

    code = "UNAUTHENTICATED"
