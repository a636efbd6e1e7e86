"""Parts of web pages that stand in trees of their own, which browsers show in their hosts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_ROOT = "shadow-root"  # no element of HTML
_TEMPLATE = re.compile(r"<(/?)template\b([^>]*)>", re.I)


def opened(source: str) -> str:
    """HTML's source in which templates that are shown are elements as others are."""
    if "shadowrootmode" not in source.lower():
        return source
    around: list[bool] = []  # whether each template around is shown

    def named(found: re.Match[str]) -> str:
        end, told = found[1], found[2]
        if not end:
            around.append("shadowrootmode" in told.lower())
            is_shown = around[-1]
        else:
            is_shown = bool(around) and around.pop()
        return f"<{end}{_ROOT}>" if is_shown else found[0]

    return _TEMPLATE.sub(named, source)


def join(page: LexborHTMLParser) -> None:
    """Put what stands in hosts into their trees' slots; what has no slot is not shown."""
    for root in page.css(_ROOT)[::-1]:  # those within others first
        host = root.parent
        if host is None:
            continue
        slots = {slot.attributes.get("name") or "": slot for slot in root.css("slot")[::-1]}
        filled: set[str] = set()
        for part in [one for one in _children(host) if one.mem_id != root.mem_id]:
            name = (part.attributes.get("slot") or "") if part.is_element_node else ""
            if name in slots:
                slots[name].insert_before(part)
                filled |= {name} if (part.text() or "").strip() else set()
            part.decompose()
        for name in filled:
            slots[name].decompose()  # and with it what would stand there else
        root.unwrap()


def _children(node: LexborNode) -> list[LexborNode]:
    found, child = [], node.child
    while child is not None:
        found.append(child)
        child = child.next
    return found
