"""Who asks, as far as a server can tell."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from contextvars import ContextVar

asking: ContextVar[str] = ContextVar("asking", default="")
"""The visitor whose request is being answered; "" where nobody in particular asks."""


def visitor(host: str | None, headers: Mapping[str, str], *, proxied: bool = False) -> str:
    """The one who made a request, by the network it came from.

    host: the address at the other end. proxied: that is a proxy, as on a Space; the last public
    address that it names is the visitor's, as those before it may be made up.
    """
    named = headers.get("x-forwarded-for", "") if proxied else ""
    addresses = [found for found in map(_address, named.split(",")) if found and found.is_global]
    address = addresses[-1] if addresses else _address(host or "")
    if isinstance(address, ipaddress.IPv6Address):  # who has one has all of its network
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address or host or "")


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.strip())
    except ValueError:
        return None
