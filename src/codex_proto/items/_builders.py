"""Items that callers make: messages of the user, and outputs of tools.

Nothing here gives ids or times; `with_new_id` does.

Source: wire.md 3.3, 3.5 and 3.6.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias, cast

import msgspec

from codex_proto._wire import UnknownPart
from codex_proto.errors import LocalProtocolError
from codex_proto.items._calls import CustomToolCall, FunctionCall, ToolSearchCall
from codex_proto.items._control import CompactionTrigger
from codex_proto.items._messages import (
    ContentPart,
    EncryptedContent,
    InputAudio,
    InputImage,
    InputText,
    Message,
    OutputText,
    Part,
)
from codex_proto.items._outputs import (
    CustomToolCallOutput,
    FunctionCallOutput,
    ToolOutput,
    ToolSearchOutput,
)
from codex_proto.versions import WireVersion

__all__ = [
    "assistant_message",
    "compaction_trigger",
    "data_url",
    "developer_message",
    "image",
    "local_image",
    "mcp_output",
    "mcp_succeeded",
    "remote_image",
    "tool_output",
    "tool_search_output",
    "user_message",
]

Content: TypeAlias = str | ContentPart

_DETAILS: Final = frozenset({"auto", "low", "high", "original"})

# -- messages -----------------------------------------------------------------------------------


def user_message(*content: Content) -> Message:
    """A message of the user: texts and parts, such as `image(...)`, in their order.

    Raises:
        LocalProtocolError: a piece of the content is neither text nor a part.
    """
    return Message(role="user", content=_parts(content, InputText))


def developer_message(*content: Content) -> Message:
    """A message of the developer, which the model heeds before the user's.

    Raises:
        LocalProtocolError: a piece of the content is neither text nor a part.
    """
    return Message(role="developer", content=_parts(content, InputText))


def assistant_message(*content: Content) -> Message:
    """A message of the assistant, to be sent back as history.

    Raises:
        LocalProtocolError: a piece of the content is neither text nor a part.
    """
    return Message(role="assistant", content=_parts(content, OutputText))


def compaction_trigger() -> CompactionTrigger:
    """The last item of an input that is to be compacted."""
    return CompactionTrigger()


def _parts(
    content: Iterable[Content], text: type[InputText | OutputText], argument: str = "content"
) -> tuple[ContentPart, ...]:
    parts: list[Any] = []
    for piece in content:
        if isinstance(piece, str):
            parts.append(text(text=piece))
        elif isinstance(piece, Part | UnknownPart):
            parts.append(piece)
        else:
            raise LocalProtocolError(
                f"{argument}: must be texts and parts, not {type(piece).__name__}"
            )
    return tuple(parts)


# -- images -------------------------------------------------------------------------------------


def data_url(mime_type: str, base64_data: str) -> str:
    """A data URL for data that is base64 already; what is a data URL stays as it is."""
    if base64_data.startswith("data:"):
        return base64_data
    return f"data:{mime_type};base64,{base64_data}"


def image(url: str, detail: str | None = None) -> InputImage:
    """An image by https or data URL; `detail` is `auto`, `low`, `high` or `original`.

    Raises:
        LocalProtocolError: `detail` is another word.
    """
    if detail is None:
        return InputImage(image_url=url)
    if detail not in _DETAILS:
        raise LocalProtocolError(f"detail: must be one of {sorted(_DETAILS)}, not {detail!r}")
    return InputImage(image_url=url, detail=detail)


def remote_image(url: str, version: WireVersion = WireVersion.V2026_08) -> tuple[ContentPart, ...]:
    """An image of the user's by URL, as Codex puts it into a message: in May between two tags."""
    picture = image(url, "high")
    if version is WireVersion.V2026_08:
        return (picture,)
    return (InputText(text="<image>"), picture, InputText(text="</image>"))


def local_image(
    url: str, number: int, path: str, version: WireVersion = WireVersion.V2026_08
) -> tuple[ContentPart, ...]:
    """An image file of the user's, as Codex puts it into a message: between two tags.

    `url` is the file as a data URL, `number` counts all images of the message from 1, and `path`
    is reported to the model since August.
    """
    where = f' path="{path}"' if version is WireVersion.V2026_08 else ""
    return (
        InputText(text=f"<image name=[Image #{number}]{where}>"),
        image(url, "high"),
        InputText(text="</image>"),
    )


# -- outputs of tools ---------------------------------------------------------------------------


def tool_output(
    call: FunctionCall | CustomToolCall | str, output: str | Iterable[Content]
) -> FunctionCallOutput | CustomToolCallOutput:
    """The answer to a call: text, or a list of texts and parts.

    `call` is the call itself, or the `call_id` of a function call.

    Raises:
        LocalProtocolError: `call` is no call of these kinds, or `output` is not of that form.
    """
    if not isinstance(output, Iterable) or isinstance(output, Mapping | bytes):
        kind = type(cast("object", output)).__name__
        raise LocalProtocolError(f"output: must be text or a list of parts, not {kind}")
    payload = output if isinstance(output, str) else _parts(output, InputText, "output")
    if isinstance(call, CustomToolCall):
        return CustomToolCallOutput(call_id=call.call_id, output=payload)
    if isinstance(call, FunctionCall):
        return FunctionCallOutput(call_id=call.call_id, output=payload)
    if isinstance(call, str):
        return FunctionCallOutput(call_id=call, output=payload)
    raise LocalProtocolError(f"call: must be a call or a call id, not {type(call).__name__}")


def tool_search_output(
    call: ToolSearchCall, tools: Iterable[Any], *, status: str = "completed"
) -> ToolSearchOutput:
    """The answer to a search for tools: their definitions, as JSON values."""
    return ToolSearchOutput(
        call_id=call.call_id, status=status, execution="client", tools=tuple(tools)
    )


# -- results of MCP tools -----------------------------------------------------------------------


def mcp_output(
    result: Mapping[str, Any], version: WireVersion = WireVersion.V2026_08
) -> ToolOutput:
    """The payload for the result of an MCP tool, given as the JSON object that its server sent.

    Structured content goes first, as JSON in text; then a list of parts, where there is more than
    text; then the content list, as JSON in text (wire.md 3.6). Content that is malformed is handed
    on as JSON in text, too. Next: `tool_output(call, mcp_output(result))`.

    Raises:
        LocalProtocolError: `result` is no mapping, or holds what JSON cannot.
    """
    if not isinstance(result, Mapping):
        raise LocalProtocolError(f"result: must be a mapping, not {type(result).__name__}")
    structured = result.get("structuredContent")
    if structured is not None:
        return _json(structured)
    content: Any = result.get("content")
    entries = list(cast("list[Any]", content)) if isinstance(content, list | tuple) else []
    parts = [_mcp_part(entry, version) for entry in entries]
    if all(isinstance(part, InputText) for part in parts):
        return _json(entries)
    return tuple(parts)


def mcp_succeeded(result: Mapping[str, Any]) -> bool:
    """Whether an MCP tool did what it was asked: it says so when it did not."""
    return result.get("isError") is not True


def _mcp_part(entry: Any, version: WireVersion) -> ContentPart:
    """The part for one entry; JSON in text for an entry that is not understood."""
    members = _object(entry)
    kind = members.get("type")
    is_august = version is WireVersion.V2026_08
    text = members.get("text") if kind == "text" else None
    if isinstance(text, str):
        if is_august and _meta(members, "codex/encryptedContent") is True:
            return EncryptedContent(encrypted_content=text)
        return InputText(text=text)
    data = members.get("data") if kind == "image" or (kind == "audio" and is_august) else None
    if isinstance(data, str):
        mime_type = members.get("mimeType", members.get("mime_type"))
        if not isinstance(mime_type, str):
            mime_type = "application/octet-stream"
        url = data_url(mime_type, data)
        if kind == "audio":
            return InputAudio(audio_url=url)
        detail = _meta(members, "codex/imageDetail")
        return InputImage(
            image_url=url,
            detail=detail if isinstance(detail, str) and detail in _DETAILS else "high",
        )
    return InputText(text=_json(entry))


def _object(value: Any) -> Mapping[str, Any]:
    """Return the members of an object, no members of anything else."""
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _meta(members: Mapping[str, Any], key: str) -> Any:
    return _object(members.get("_meta")).get(key)


def _json(value: Any) -> str:
    try:
        return msgspec.json.encode(value).decode()
    except (TypeError, ValueError) as error:
        raise LocalProtocolError(f"result: cannot be written as JSON: {error}") from error
