"""What goes back and forth in the interoperation tests."""

from __future__ import annotations

from typing import Final

__all__ = ["EVENTS", "SSE"]

EVENTS: Final = ("Created", *["OutputTextDelta"] * 50, "Completed")
SSE: Final = b"".join(
    [
        b'data: {"type":"response.created","response":{"id":"resp_1"}}\n\n',
        *(
            b'data: {"type":"response.output_text.delta","item_id":"m","output_index":0,'
            b'"content_index":0,"delta":"%d gr\xc3\xbc\xc3\x9fe"}\n\n' % number
            for number in range(50)
        ),
        b": bye\n\n",
        b'data: {"type":"response.completed","response":{"id":"resp_1"}}\n\n',
    ]
)
