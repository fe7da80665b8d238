"""Messages, and the content parts and annotations they are made of.

The parts are one family for all items: which of them upstream takes where is in `_policies`.

Source: wire.md 3.2 and 3.3; OpenAI API reference, Responses.
"""

from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import UNSET

from codex_proto._wire import Noted, Opt, UnknownPart
from codex_proto.items._base import ResponseItem

__all__ = [
    "Annotation",
    "ComputerScreenshot",
    "ContainerFileCitation",
    "ContentPart",
    "EncryptedContent",
    "FileCitation",
    "FilePath",
    "InputAudio",
    "InputFile",
    "InputImage",
    "InputText",
    "Message",
    "OutputAudio",
    "OutputText",
    "Part",
    "ReasoningText",
    "Refusal",
    "SummaryText",
    "Text",
    "UrlCitation",
]


class Part(Noted, frozen=True, kw_only=True, gc=False, tag_field="type"):
    """A typed part of an item; the base of all of them."""

    @property
    def type(self) -> str:
        """The wire type, such as `output_text`."""
        return str(self.__struct_config__.tag)


# -- annotations --------------------------------------------------------------------------------


class FileCitation(Part, frozen=True, kw_only=True, gc=False, tag="file_citation"):
    """A file that was searched; `index` is the place in the text it belongs to."""

    file_id: Opt[str] = UNSET
    filename: Opt[str] = UNSET
    index: Opt[int] = UNSET
    file: Any = UNSET


class UrlCitation(Part, frozen=True, kw_only=True, gc=False, tag="url_citation"):
    """A page of the web; from `start_index` up to `end_index` of the text speaks of it."""

    url: Opt[str] = UNSET
    title: Opt[str] = UNSET
    start_index: Opt[int] = UNSET
    end_index: Opt[int] = UNSET


class ContainerFileCitation(
    Part, frozen=True, kw_only=True, gc=False, tag="container_file_citation"
):
    """A file in a code interpreter's container."""

    container_id: Opt[str] = UNSET
    file_id: Opt[str] = UNSET
    filename: Opt[str] = UNSET
    start_index: Opt[int] = UNSET
    end_index: Opt[int] = UNSET


class FilePath(Part, frozen=True, kw_only=True, gc=False, tag="file_path"):
    """A file that was made for the user."""

    file_id: Opt[str] = UNSET
    index: Opt[int] = UNSET


# What may stand in a list is one thing for msgspec, which knows nothing of `UnknownPart` (it puts
# none there), and one more for whoever reads the list.
if TYPE_CHECKING:
    Annotation: TypeAlias = (
        FileCitation | UrlCitation | ContainerFileCitation | FilePath | UnknownPart
    )
else:
    Annotation = FileCitation | UrlCitation | ContainerFileCitation | FilePath


# -- content ------------------------------------------------------------------------------------


class InputText(Part, frozen=True, kw_only=True, gc=False, tag="input_text"):
    """Text for the model."""

    text: str
    prompt_cache_breakpoint: Any = UNSET


class OutputText(Part, frozen=True, kw_only=True, gc=False, tag="output_text"):
    """Text by the model. `logprobs` is JSON as it came."""

    text: str
    annotations: Opt[tuple[Annotation, ...]] = UNSET
    logprobs: Any = UNSET


class Text(Part, frozen=True, kw_only=True, gc=False, tag="text"):
    """Text without a side: in reasoning, and in conversations."""

    text: str


class SummaryText(Part, frozen=True, kw_only=True, gc=False, tag="summary_text"):
    """A paragraph of the summary of a reasoning."""

    text: str


class ReasoningText(Part, frozen=True, kw_only=True, gc=False, tag="reasoning_text"):
    """A piece of the reasoning itself."""

    text: str


class Refusal(Part, frozen=True, kw_only=True, gc=False, tag="refusal"):
    """The model's refusal, in its words."""

    refusal: str


class InputImage(Part, frozen=True, kw_only=True, gc=False, tag="input_image"):
    """An image for the model: `image_url` (https or data URL) or `file_id`.

    `detail` is `auto`, `low`, `high` or `original`.
    """

    image_url: Opt[str] = UNSET
    file_id: Opt[str] = UNSET
    detail: Opt[str] = UNSET
    prompt_cache_breakpoint: Any = UNSET


class ComputerScreenshot(Part, frozen=True, kw_only=True, gc=False, tag="computer_screenshot"):
    """What the screen shows after a computer action."""

    image_url: Opt[str] = UNSET
    file_id: Opt[str] = UNSET
    detail: Opt[str] = UNSET


class InputFile(Part, frozen=True, kw_only=True, gc=False, tag="input_file"):
    """A file for the model, by `file_id`, by `file_url`, or as a data URL in `file_data`."""

    file_id: Opt[str] = UNSET
    filename: Opt[str] = UNSET
    file_data: Opt[str] = UNSET
    file_url: Opt[str] = UNSET
    detail: Opt[str] = UNSET
    prompt_cache_breakpoint: Any = UNSET


class InputAudio(Part, frozen=True, kw_only=True, gc=False, tag="input_audio"):
    """Sound for the model: `audio_url` in Codex, an object in `input_audio` elsewhere."""

    audio_url: Opt[str] = UNSET
    input_audio: Any = UNSET


class OutputAudio(Part, frozen=True, kw_only=True, gc=False, tag="output_audio"):
    """Sound by the model: base64 in `data`, with its `transcript`."""

    data: Opt[str] = UNSET
    transcript: Opt[str] = UNSET


class EncryptedContent(Part, frozen=True, kw_only=True, gc=False, tag="encrypted_content"):
    """A part that only the server can read."""

    encrypted_content: str


if TYPE_CHECKING:
    ContentPart: TypeAlias = (
        InputText
        | OutputText
        | Text
        | SummaryText
        | ReasoningText
        | Refusal
        | InputImage
        | ComputerScreenshot
        | InputFile
        | InputAudio
        | OutputAudio
        | EncryptedContent
        | UnknownPart
    )
else:
    ContentPart = (
        InputText
        | OutputText
        | Text
        | SummaryText
        | ReasoningText
        | Refusal
        | InputImage
        | ComputerScreenshot
        | InputFile
        | InputAudio
        | OutputAudio
        | EncryptedContent
    )


class Message(ResponseItem, frozen=True, kw_only=True, gc=False, tag="message"):
    """A message of the user, the developer, the system or the assistant.

    `content` is a list of parts; what callers send may be text alone. `phase` says the
    assistant's `commentary` from its `final_answer`. `end_turn` was sent in early 2026.
    """

    role: str
    content: str | tuple[ContentPart, ...]
    phase: Opt[str] = UNSET
    end_turn: Opt[bool] = UNSET

    @property
    def text(self) -> str:
        """All text of the message, joined without anything between the parts."""
        if isinstance(self.content, str):
            return self.content
        return "".join(
            part.text for part in self.content if isinstance(part, OutputText | InputText | Text)
        )
