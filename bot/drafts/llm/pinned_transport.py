"""The model client's way out: it connects to addresses that were looked at, and to nothing else.

Imported only when a model is asked: its HTTP library costs half a second.
"""

from __future__ import annotations

import httpx2  # openai's own http library

from adapters.addresses import resolve

MAX_ERROR = 65_536


class WayOut(httpx2.BaseTransport):
    """Resolves a name once and connects to what came out, so that a name cannot mean another address a moment later.

    Certificates are still checked against the name. Raises ConnectError, its cause AddressPrivate where that is why.
    """

    def __init__(self, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._through = httpx2.HTTPTransport(trust_env=False)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url
        try:
            addresses = resolve(url.host, url.port or (443 if url.scheme == "https" else 80), self._allow_private)
        except OSError as error:
            raise httpx2.ConnectError(str(error), request=request) from error
        request.extensions = {**request.extensions, "sni_hostname": url.host}
        for address in addresses[:-1]:
            request.url = url.copy_with(host=address)  # the Host header keeps the name
            try:
                return _bounded(self._through.handle_request(request))
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                continue
        request.url = url.copy_with(host=addresses[-1])
        return _bounded(self._through.handle_request(request))

    def close(self) -> None:
        self._through.close()


def _bounded(response: httpx2.Response) -> httpx2.Response:
    """An error with the beginning of its body: the client reads errors whole, however long they are."""
    if response.status_code < 400 or not isinstance(response.stream, httpx2.SyncByteStream):
        return response
    body = b""
    for part in response.stream:
        body += part
        if len(body) > MAX_ERROR:
            break
    response.close()
    return httpx2.Response(response.status_code, headers=response.headers, stream=httpx2.ByteStream(body[:MAX_ERROR]))
