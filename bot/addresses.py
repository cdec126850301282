"""Whether an address is private or local: such a one is called only where the configuration says so."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

_LOCAL_NAMES = frozenset({"localhost", "localhost.localdomain", "ip6-localhost", "metadata", "metadata.google.internal"})
_LOCAL_ENDS = (".localhost", ".local", ".internal", ".lan", ".home.arpa")


def is_private(url: str) -> bool:
    """Looks at the address as written, in all its spellings; names are not resolved."""
    host = (urlsplit(url).hostname or "").rstrip(".").casefold()
    if host in _LOCAL_NAMES or host.endswith(_LOCAL_ENDS) or not host:
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        pass
    try:  # 2130706433, 0x7f.1 and 0177.0.0.1 are addresses too, for inet_aton
        return not ipaddress.ip_address(socket.inet_aton(host)).is_global
    except OSError:
        return "." not in host  # a bare name is one of the local network
