"""Whether an address is private or local: such a one is called only where the configuration says so.

`is_private` looks at an address as written, before a start. A public name may still resolve to a private address, today or
after the next change of its DNS: `resolve` is what a connection asks, and only what it gives back is connected to.
"""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

_LOCAL_NAMES = frozenset({"localhost", "localhost.localdomain", "ip6-localhost", "metadata", "metadata.google.internal"})
_LOCAL_ENDS = (".localhost", ".local", ".internal", ".lan", ".home.arpa")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: the last four bytes are an IPv4 address
HOW_TO_ALLOW = "write allow_private: true beside it if it is meant"
IN_THE_CLEAR = (
    "http to an address on the internet sends key and customers' words in the clear: write https://; http is for this machine and"
    " for private addresses (an IP, a bare name, or one that ends in .internal, .local, .lan or .home.arpa)"
)


class AddressPrivate(OSError):
    """A name resolves to private or local addresses alone, and that is not allowed here."""


def is_private(url: str) -> bool:
    """Looks at the address as written, in all its spellings; names are not resolved."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".").casefold()
    except ValueError:  # `http://[::1` and the like: nobody can say where this goes
        return True
    if host in _LOCAL_NAMES or host.endswith(_LOCAL_ENDS) or not host:
        return True
    try:
        return not is_public_ip(host)
    except ValueError:
        pass
    try:  # 2130706433, 0x7f.1 and 0177.0.0.1 are addresses too, for inet_aton
        return not is_public_ip(socket.inet_ntoa(socket.inet_aton(host)))
    except (OSError, UnicodeError):
        return "." not in host  # a bare name is one of the local network


def is_in_the_clear(url: str) -> bool:
    """True where what is sent to this address crosses the internet unencrypted. As written, like `is_private`: a name that only
    one's own DNS knows looks public, and is to be written with https or as an address."""
    return url.casefold().startswith("http://") and not is_private(url)


def is_public_ip(address: str) -> bool:
    """True where anybody on the internet may have this address. IPv4 inside IPv6 is judged as what it reaches. Raises
    ValueError for what is no address."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        inside = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if found in _NAT64:
            inside = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inside is not None:
            return is_public_ip(str(inside))
    return found.is_global and not found.is_multicast


def resolve(host: str, port: int, allow_private: bool) -> list[str]:
    """The addresses of a name that may be connected to, in the resolver's order. Connect to these, never to the name again.

    Raises socket.gaierror where there is none, and AddressPrivate where all are private and `allow_private` is false.
    """
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a label that IDNA refuses
        raise socket.gaierror(socket.EAI_NONAME, "not a name") from error
    addresses = list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))
    allowed = addresses if allow_private else [each for each in addresses if is_public_ip(each)]
    if not allowed:
        raise AddressPrivate(f"{host} is a private or local address: {HOW_TO_ALLOW}")
    return allowed
