"""How an input ended, in one sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from codex_proto.responses import Completed, StreamFailed

__all__ = ["Conclusion", "Outcomes", "counted", "usage_sentence"]


@dataclass(frozen=True)
class Conclusion:
    """The sentence at the end, and whether the result is good. Text of peers is not escaped."""

    sentence: str
    is_good: bool


@dataclass
class Outcomes:
    """How the streams of the input ended: counts, and the last outcome."""

    completed: int = 0
    failed: int = 0
    last: Completed | StreamFailed | None = None

    def collect(self, events: Iterable[object]) -> None:
        """Count the outcomes among the events."""
        for event in events:
            if isinstance(event, Completed):
                self.completed += 1
                self.last = event
            elif isinstance(event, StreamFailed):
                self.failed += 1
                self.last = event

    def problem(self) -> str | None:
        """Return why the streams did not complete, or None."""
        if not self.failed:
            return None if self.completed else "no stream completed"
        streams = self.completed + self.failed
        if streams == 1 and isinstance(self.last, StreamFailed):
            return f"the stream did not complete: {self.last.error}"
        return f"{self.failed} of {streams} streams did not complete"

    def conclusion(self) -> Conclusion:
        """Return the sentence about the streams."""
        streams = self.completed + self.failed
        if streams > 1:
            sentence = f"{streams} streams: {self.completed} completed, {self.failed} did not."
            return Conclusion(sentence, not self.failed)
        match self.last:
            case Completed() as completed:
                usage = usage_sentence(completed.token_usage)
                name = completed.response_id or "without an id"
                return Conclusion(
                    f"Response {name} completed" + (f", {usage}." if usage else "."), is_good=True
                )
            case StreamFailed(error=error):
                # The message of the error has just been shown: it is the last event.
                again = (
                    "the same request may succeed later"
                    if error.retryable
                    else "a retry will not help"
                )
                return Conclusion(
                    f"The response failed with {type(error).__name__}; {again}.", is_good=False
                )
            case None:
                return Conclusion("Not whole: no stream completed.", is_good=False)


def usage_sentence(usage: object) -> str:
    """Return the token usage of a response, or an empty text if it is not known."""
    counts = [getattr(usage, f"{name}_tokens", None) for name in ("total", "input", "output")]
    if not all(isinstance(count, int) for count in counts):
        return ""
    total, inputs, outputs = cast("list[int]", counts)
    cached = getattr(usage, "cached_input_tokens", 0)
    reasoning = getattr(usage, "reasoning_output_tokens", 0)
    in_part = f"{inputs:,} in" + (f" ({cached:,} cached)" if cached else "")
    out_part = f"{outputs:,} out" + (f" ({reasoning:,} reasoning)" if reasoning else "")
    return f"{total:,} tokens: {in_part}, {out_part}"


def counted(counts: Iterable[tuple[int, str, str]]) -> list[str]:
    """Return each number with its noun, in the singular or the plural, without the zeros."""
    return [f"{number:,} {one if number == 1 else many}" for number, one, many in counts if number]
