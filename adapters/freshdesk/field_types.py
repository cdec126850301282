"""Which custom fields a Freshdesk account has, by the types of our mappings.

https://developers.freshdesk.com/api/#list_all_ticket_fields
"""

from __future__ import annotations

from collections.abc import Mapping

from adapters.freshdesk.api import FreshdeskApi, listed

TYPE = {
    "custom_text": "text",
    "custom_paragraph": "text",
    "custom_url": "text",
    "custom_phone_number": "text",
    "custom_dropdown": "enum",
    "nested_field": "enum",
    "custom_number": "number",
    "custom_decimal": "number",
    "custom_checkbox": "bool",
    "custom_date": "date",
    "custom_date_time": "date",
    "custom_multi_select_dropdown": "multi",
}


def field_types(api: FreshdeskApi) -> Mapping[str, str]:
    """Each field's name (`cf_...`) and its type; "" for one that no mapping can read. Raises AdapterError."""
    rows = listed(api.get("/ticket_fields"), "/ticket_fields").items()
    return {row["name"].text(default=""): TYPE.get(row["type"].text(default=""), "") for row in rows}
