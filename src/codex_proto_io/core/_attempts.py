"""The retries of one operation: asks `retry.decide` what to do after an error, and does it.

Source: wire.md 6.7, 7.4 and 7.5.
"""

from __future__ import annotations

from typing import Final

from codex_proto.errors import CodexError, HttpStatusError, InternalServerError, RetryLimit
from codex_proto.requests import Fallback, GiveUp, Resend, RetryAfter, RetryState, decide
from codex_proto_io.core._effects import Operation, refresh_auth, sleep
from codex_proto_io.core._runtime import Runtime
from codex_proto_io.core._telemetry import Retrying

__all__ = ["Attempts"]


class Attempts:
    """The retry state of one operation, and the credentials of its current attempt.

    Args:
        runtime: the settings and connections of the client.
        operation: its name in telemetry.
        state: the initial retry state.
    """

    def __init__(self, runtime: Runtime, operation: str, state: RetryState) -> None:
        self._runtime = runtime
        self._operation: Final = operation
        self.state = state
        self.count = 0
        self.auth = runtime.credentials.auth

    def begin(self) -> None:
        """Begin another attempt with the current credentials."""
        self.count += 1
        self.auth = self._runtime.credentials.auth

    def recover(self, error: CodexError) -> Operation[CodexError | None]:
        """Handle an error: return `None` to try again, or the error to report.

        After `None`, read `state.transport` and call `begin`.
        """
        runtime = self._runtime
        while True:
            timed = _with_delay(error, runtime.clock.unix())
            decision = decide(self.state, timed, runtime.clock.now(), runtime.random())
            self.state = decision.state
            match decision:
                case GiveUp():
                    return error
                case Resend(refresh_auth=True):
                    if not (yield from refresh_auth(runtime.credentials, self.auth, error)):
                        continue
                    self._report(error, decision)
                case RetryAfter() | Resend():
                    self._report(error, decision)
                    yield from sleep(decision.at)
                case Fallback():
                    self._report(error, decision)
            return None

    def _report(self, error: CodexError, decision: RetryAfter | Resend | Fallback) -> None:
        retrying = Retrying(operation=self._operation, error=error, decision=decision)
        self._runtime.telemetry.retry(retrying)


def _with_delay(error: CodexError, now_unix: float) -> CodexError:
    """Return a refusal with the delay to its date, where the answer did not say what time it is."""
    is_timed = isinstance(error, RetryLimit | HttpStatusError | InternalServerError)
    if not is_timed or error.retry_after is not None or error.retry_at is None:
        return error
    return error.replace(retry_after=max(0.0, error.retry_at - now_unix))
