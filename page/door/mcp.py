"""Results of MCP tools as JSON: text for people, and structured content for programs.

Gradio writes a result as Python's ``repr``, and has no structured content but of that text.
"""

from __future__ import annotations

import ast
import json
from typing import TYPE_CHECKING, Any

from mcp import types

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server


def structure(server: Server[Any]) -> None:
    """Have the tools of a server give their results as JSON, in both forms.

    What is no object, such as the list of `answer_many`, is the object's ``result``.
    """
    call = server.request_handlers[types.CallToolRequest]

    async def structured(request: Any) -> types.ServerResult:
        answered = await call(request)
        result = answered.root
        if isinstance(result, types.CallToolResult) and not result.isError:
            (content,) = result.content
            if isinstance(content, types.TextContent):
                value = ast.literal_eval(content.text)
                content.text = json.dumps(value, ensure_ascii=False)
                result.structuredContent = value if isinstance(value, dict) else {"result": value}
        return answered

    server.request_handlers[types.CallToolRequest] = structured
