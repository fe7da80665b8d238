"""The parts of response streams that need no waiting, shared by both clients."""

from __future__ import annotations

from codex_proto.errors import CodexError, LocalProtocolError, ResponseIncompleteError
from codex_proto.http import Headers
from codex_proto.responses import Completed, FinalResponse, Outcome, StreamFailed, TokenUsage
from codex_proto_io.core import ResponseOperation, equal_copy

__all__ = ["ResponseStreamBase"]


class ResponseStreamBase:
    """The state of a response, while it is read and after."""

    def __init__(self, operation: ResponseOperation) -> None:
        self._operation = operation

    @property
    def response_headers(self) -> Headers | None:
        """The header fields of the answer, or `None` before they arrived.

        On a WebSocket they are those of the handshake.
        """
        return self._operation.headers

    @property
    def status(self) -> int | None:
        """The status of the answer, or `None` before it arrived."""
        return self._operation.status

    @property
    def request_id(self) -> str | None:
        """The request id of the server, for bug reports."""
        return self._operation.request_id

    @property
    def turn_state(self) -> str | None:
        """Pass this to the next request of the turn: `ResponsesOptions(turn_state=...)`."""
        return self._operation.turn_state

    @property
    def outcome(self) -> Outcome | None:
        """How the response ended: `Completed` or `StreamFailed`, or `None` while it is open.

        It is set as soon as its bytes are read, which may be before all events are yielded.
        """
        return self._operation.outcome

    @property
    def usage(self) -> TokenUsage | None:
        """The token usage, or `None` before the server has reported it."""
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
        """The number of attempts so far."""
        return self._operation.attempts.count

    @property
    def current_response(self) -> FinalResponse:
        """Return the response that the events so far make up; also after an error."""
        return self._operation.snapshot()

    # -- internals ---------------------------------------------------------------------------------

    def _take_error(self) -> CodexError | None:
        """Return the error to raise, the first time only."""
        operation = self._operation
        if operation.queue or operation.raw or operation.error is None:
            return None
        error, operation.error = operation.error, None
        return equal_copy(error)

    def _final(self) -> FinalResponse:
        """Return the whole response.

        Raises:
            CodexError: it failed; an incomplete response does not count as a failure here.
        """
        outcome = self._operation.outcome
        match outcome:
            case StreamFailed(error=error) if not isinstance(error, ResponseIncompleteError):
                raise equal_copy(error)
            case Completed() | StreamFailed():
                return self._operation.snapshot()
            case None:
                raise LocalProtocolError("stream: was closed before the response was over")
