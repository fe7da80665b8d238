"""Items of a conversation: messages, calls, their outputs, reasoning, compaction.

One file a family. `decode_item` reads one item and never raises on its content. `encode_item`
writes it as a version of the protocol sends it, `encode_item_lossless` with all that it holds.
`user_message`, `tool_output` and their like build the ones that clients send.

Source: wire.md 3.
"""

# Not in the face: _ids, _policies.
# Also in the face: MalformedPart, UnknownPart of codex_proto._wire.

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto.items._base import *
    from codex_proto.items._builders import *
    from codex_proto.items._calls import *
    from codex_proto.items._codex import *
    from codex_proto.items._control import *
    from codex_proto.items._decoding import *
    from codex_proto.items._encoding import *
    from codex_proto.items._hosted import *
    from codex_proto.items._messages import *
    from codex_proto.items._outputs import *
    from codex_proto.items._reasoning import *
    from codex_proto.items._recovery import *
    from codex_proto.items._unknown import *
    from codex_proto._wire import MalformedPart as MalformedPart
    from codex_proto._wire import UnknownPart as UnknownPart
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_base": "PassthroughMetadata ResponseItem",
            "_builders": (
                "assistant_message compaction_trigger data_url developer_message image "
                "local_image mcp_output mcp_succeeded remote_image tool_output tool_search_output "
                "user_message"
            ),
            "_calls": (
                "CustomToolCall FileSearchCall FileSearchResult FindInPageAction FunctionCall "
                "ImageGenerationCall LocalShellCall LocalShellExec McpApprovalRequest McpCall "
                "McpListTools McpTool MultiAgentCall OpenPageAction SearchAction ToolSearchCall "
                "WebSearchAction WebSearchCall"
            ),
            "_codex": "OTHER codex_item",
            "_control": (
                "AdditionalTools AgentMessage Compaction CompactionSummary CompactionTrigger "
                "ConfigurationUpdate ContextCompaction GhostCommit GhostSnapshot ItemReference"
            ),
            "_decoding": "ITEM_CLASSES Item KnownItem decode_content_part decode_item decode_items",
            "_encoding": "encode_item encode_item_lossless",
            "_hosted": (
                "ApplyPatchCall ApplyPatchOperation CodeInterpreterCall CodeInterpreterImage "
                "CodeInterpreterLogs CodeInterpreterOutput ComputerCall CreateFile DeleteFile "
                "Program SafetyCheck ShellAction ShellCall UpdateFile"
            ),
            "_messages": (
                "Annotation ComputerScreenshot ContainerFileCitation ContentPart EncryptedContent "
                "FileCitation FilePath InputAudio InputFile InputImage InputText Message "
                "OutputAudio OutputText Part ReasoningText Refusal SummaryText Text UrlCitation"
            ),
            "_outputs": (
                "ApplyPatchCallOutput ComputerCallOutput CustomToolCallOutput FunctionCallOutput "
                "LocalShellCallOutput McpApprovalResponse MultiAgentCallOutput ProgramOutput "
                "ShellCallOutput ShellExit ShellOutcome ShellOutput ShellTimeout ToolOutput "
                "ToolSearchOutput tool_output_text"
            ),
            "_reasoning": "Reasoning",
            "_recovery": "complete_item",
            "_unknown": "UnknownItem",
            "codex_proto._wire": "MalformedPart UnknownPart",
        },
    )
# isort: on
# -- end of what is written
