"""Which attributes an Intercom workspace has made for conversations and tickets, by the types of our mappings.

Conversations' moved in 2.16: https://developers.intercom.com/docs/references/rest-api/api.intercom.io/data-attributes
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from intercom import Intercom
from intercom.core.api_error import ApiError

from adapters.intercom.api import IntercomApi, Refused, explained
from adapters.intercom.dialect import Dialect
from adapters.raw import Raw

TYPE = {
    "string": "text",
    "list": "enum",
    "integer": "number",
    "decimal": "number",
    "float": "number",
    "boolean": "bool",
    "datetime": "date",
    "date": "date",
}


def field_types(api: IntercomApi) -> Mapping[str, str]:
    """Each attribute by name and its type; "" for one that no mapping can read, or of several types. Raises AdapterError."""
    found: dict[str, str] = {}
    with explained():
        for row in [*api.read(_of_conversations(api))["data"].items(), *_of_tickets(api)]:
            name, kind = row["name"].text(default=""), TYPE.get(row["data_type"].text(default=""), "")
            if row["archived"].value is not True:
                found[name] = kind if found.get(name, kind) == kind else ""
    return found


def _of_conversations(api: IntercomApi) -> Any:
    def listed(client: Intercom) -> Any:
        if not Dialect(api.account).has_attribute_list:
            return client.data_attributes.list(model="conversation")
        # The library has no name for this list.
        wrapper = client._client_wrapper
        answer = wrapper.httpx_client.request("conversations/attributes", method="GET", base_url=wrapper.get_base_url())
        if answer.status_code >= 400:
            raise ApiError(status_code=answer.status_code, headers=dict(answer.headers), body=None)
        return answer

    return listed


def _of_tickets(api: IntercomApi) -> list[Raw]:
    """The attributes of all ticket types; none where the workspace has no tickets."""
    try:
        types = api.read(lambda client: client.ticket_types.list())["data"]
    except Refused:
        return []
    return [each for row in types.items() for each in row["ticket_type_attributes"]["data"].items()]
