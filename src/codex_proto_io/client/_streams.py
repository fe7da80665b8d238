"""What response streams of both kinds have in common: all that needs no waiting."""

from __future__ import annotations

from codex_proto.errors import CodexError, LocalProtocolError, ResponseIncompleteError
from codex_proto.http import Headers
from codex_proto.responses import Completed, FinalResponse, Outcome, StreamFailed, TokenUsage
from codex_proto_io.core import ResponseOperation, equal_copy

__all__ = ["ResponseStreamBase"]


class ResponseStreamBase:
    """What is known of a response while it comes, and after."""

    def __init__(self, operation: ResponseOperation) -> None:
        self._operation = operation

    @property
    def response_headers(self) -> Headers | None:
        """The header fields of the answer; None until they are there.

        On a WebSocket those of the handshake.
        """
        return self._operation.headers

    @property
    def status(self) -> int | None:
        """The status of the answer; None until it is there."""
        return self._operation.status

    @property
    def request_id(self) -> str | None:
        """What the server calls the request; for bug reports."""
        return self._operation.request_id

    @property
    def turn_state(self) -> str | None:
        """What the next request of this turn has to say: `ResponsesOptions(turn_state=...)`."""
        return self._operation.turn_state

    @property
    def outcome(self) -> Outcome | None:
        """How the response ended: `Completed` or `StreamFailed`; None while it is open.

        It is known as soon as its bytes are read, maybe before all events are taken.
        """
        return self._operation.outcome

    @property
    def usage(self) -> TokenUsage | None:
        """What the response cost, once the server has said so."""
        match self._operation.outcome:
            case Completed(token_usage=usage):
                pass
            case StreamFailed(error=ResponseIncompleteError(token_usage=usage)):
                pass
            case _:
                return None
        return usage if isinstance(usage, TokenUsage) else None

    @property
    def attempts(self) -> int:
        """How many attempts it took so far."""
        return self._operation.attempts.count

    @property
    def current_response(self) -> FinalResponse:
        """What the events so far amount to; also after an error."""
        return self._operation.snapshot()

    # -- inside ---------------------------------------------------------------------------------

    def _take_error(self) -> CodexError | None:
        """The error to raise, once."""
        operation = self._operation
        if operation.queue or operation.raw or operation.error is None:
            return None
        error, operation.error = operation.error, None
        return equal_copy(error)

    def _final(self) -> FinalResponse:
        """What it came to in the end.

        Raises:
            CodexError: it failed; an incomplete response is no failure here.
        """
        outcome = self._operation.outcome
        match outcome:
            case StreamFailed(error=error) if not isinstance(error, ResponseIncompleteError):
                raise equal_copy(error)
            case Completed() | StreamFailed():
                return self._operation.snapshot()
            case None:
                raise LocalProtocolError("stream: was closed before the response was over")
