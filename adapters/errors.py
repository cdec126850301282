"""What can go wrong at a helpdesk, named by what happens next.

Messages are for the person who can fix it. They name paths, types, status codes: never customers' words, never secrets.
"""


class AdapterError(Exception):
    """The root: catch this where the difference does not matter."""


class SignatureInvalid(AdapterError):
    """The delivery is not proven to come from the vendor. Answer 401, store nothing.

    `reason` is one of missing, malformed, mismatch, stale, repeated (a header of the proof came twice: answer 400).
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"webhook signature {reason}")
        self.reason = reason


class PayloadUnexpected(AdapterError):
    """A payload has another shape than expected. `path` is the place (`$.detail.id`), `problem` what was wrong there."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


class TicketUnclear(PayloadUnexpected):
    """A proven body that names no ticket beyond doubt: two of them, or what is no ticket. No repeat could mend it, so it is kept
    with this reason and ignored, not refused."""


class RateLimited(AdapterError):
    """The vendor says wait. Nothing was done; the same row is tried again after `retry_after_s` seconds."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"rate limited, retry after {retry_after_s:.0f} s")
        self.retry_after_s = retry_after_s


class Outdated(AdapterError):
    """What a write rests on was read too long ago by the moment when it was to leave. Nothing was sent."""

    def __init__(self) -> None:
        super().__init__("the ticket was read too long before the write was to leave")


class HelpdeskDown(AdapterError):
    """A read failed after its short retries, or a write was certainly not sent. Try the run again later."""


class OutcomeUnknown(AdapterError):
    """A write may or may not have landed. Read the ticket back before any repeat."""


class WriteRejected(AdapterError):
    """The vendor refused a write and says why. Trying again cannot help; a person must look."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TicketGone(AdapterError):
    """The ticket is deleted, or not visible to our user: the run ends, nothing is retried. `reason`: gone, forbidden."""

    def __init__(self, reason: str = "gone") -> None:
        super().__init__(f"ticket {reason}")
        self.reason = reason


class AccessDenied(AdapterError):
    """The account's credentials are refused (401, or 403 for all). Work is held, not burnt, until they are mended."""


class Unsupported(AdapterError):
    """This provider cannot express this write and declares no fallback."""
