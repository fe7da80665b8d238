"""Messages from a file with one on each line."""

from __future__ import annotations

from codex_proto.sse import DEFAULT_MAX_EVENT_SIZE

__all__ = ["MessageLines"]


class MessageLines:
    r"""Cuts the bytes of a file into messages, at `\n` and `\r\n`; blank lines are skipped.

    Args:
        max_size: bytes that a decoder accepts. The beginning of a longer line is returned as soon
            as it is too long, so that the decoder reports it; the rest is dropped.
    """

    def __init__(self, max_size: int = DEFAULT_MAX_EVENT_SIZE) -> None:
        self._max_size = max_size
        # The unfinished line, as it came in pieces: joined once, when its end arrives.
        self._pieces: list[bytes] = []
        self._size = 0
        self._skipping = False

    def receive_data(self, data: bytes) -> list[bytes]:
        """Take the next bytes of the file; return the messages that they complete."""
        first, *others = data.split(b"\n")
        messages = self._add(first)
        for piece in others:
            messages += self._end_line()
            messages += self._add(piece)
        return messages

    def receive_eof(self) -> list[bytes]:
        """End the file; the last line need not have a newline."""
        return self._end_line()

    def _add(self, piece: bytes) -> list[bytes]:
        if not piece or self._skipping:
            return []
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size <= self._max_size:
            return []
        # The rest of the line is dropped.
        messages = self._end_line()
        self._skipping = True
        return messages

    def _end_line(self) -> list[bytes]:
        line = b"".join(self._pieces).removesuffix(b"\r")
        self._pieces.clear()
        self._size = 0
        self._skipping = False
        return [line] if line.strip() else []
