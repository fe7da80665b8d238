"""One attempt after another: asks `retry.decide` what to do, and does it.

Source: wire.md 6.7, 7.4 and 7.5.
"""

from __future__ import annotations

from typing import Final

from codex_proto.errors import CodexError
from codex_proto.requests import Fallback, GiveUp, Resend, RetryAfter, RetryState, decide
from codex_proto_io.core._effects import Operation, refresh_auth, sleep
from codex_proto_io.core._runtime import Runtime
from codex_proto_io.core._telemetry import Retrying

__all__ = ["Attempts"]


class Attempts:
    """Where one operation stands with its retries.

    Args:
        runtime: of the client.
        operation: what to call it in telemetry.
        state: where it begins.
    """

    def __init__(self, runtime: Runtime, operation: str, state: RetryState) -> None:
        self._runtime = runtime
        self._operation: Final = operation
        self.state = state
        self.count = 0
        self.auth = runtime.credentials.auth

    def begin(self) -> None:
        """Note that another attempt begins, with the credentials of now."""
        self.count += 1
        self.auth = self._runtime.credentials.auth

    def recover(self, error: CodexError) -> Operation[CodexError | None]:
        """Do what there is to be done about an error; None when to try again, else what to tell.

        Next: look at `state.transport`, and begin again.
        """
        runtime = self._runtime
        while True:
            decision = decide(self.state, error, runtime.clock.now(), runtime.random())
            self.state = decision.state
            match decision:
                case GiveUp(error=told):
                    return told
                case Resend(refresh_auth=True):
                    if not (yield from refresh_auth(runtime.credentials, self.auth, error)):
                        continue
                    self._tell(error, decision)
                case RetryAfter() | Resend():
                    self._tell(error, decision)
                    yield from sleep(decision.at)
                case Fallback():
                    self._tell(error, decision)
            return None

    def _tell(self, error: CodexError, decision: RetryAfter | Resend | Fallback) -> None:
        retrying = Retrying(operation=self._operation, error=error, decision=decision)
        self._runtime.telemetry.retry(retrying)
