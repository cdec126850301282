"""Which custom fields a Zendesk account has, by the types of our mappings.

https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_fields/#list-ticket-fields
"""

from __future__ import annotations

from collections.abc import Mapping

from adapters.zendesk import api as paths
from adapters.zendesk.api import ZendeskApi

TYPE = {
    "text": "text",
    "textarea": "text",
    "regexp": "text",
    "partialcreditcard": "text",
    "tagger": "enum",
    "lookup": "enum",
    "integer": "number",
    "decimal": "number",
    "checkbox": "bool",
    "date": "date",
    "multiselect": "multi",
}


def field_types(api: ZendeskApi) -> Mapping[str, str]:
    """Each active field's id and its type; "" for one that no mapping can read. Raises AdapterError."""
    rows = [row for page in api.pages(paths.TICKET_FIELDS) for row in page["ticket_fields"].items()]
    active = (row for row in rows if row["active"].value is not False)
    return {row["id"].text(default=""): TYPE.get(row["type"].text(default=""), "") for row in active}
