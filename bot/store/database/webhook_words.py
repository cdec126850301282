"""Words that webhook bodies are made of, by helpdesk: field names and constant values as the vendor's pages and
adapters/*/webhook.py name them, and the frame of our own notes, which come back in them. Never anything that a customer wrote.

Each list is spelled as helpdesks send JSON, without spaces, and once more as templates, proxies and the sandbox write it, with
one behind `:` and `,`. A list stays as it is once released (known_words.py, packed_values.py): another one is added beside it.
"""

from __future__ import annotations

_AUTHOR = '"author":{"type":"bot","type":"lead","type":"user","id":"","name":"","email":"'
_NOTE = (
    "<p><b>Answer by  UTC ( min): </b><br>Tell the Evidence: “</p><p><b>No draft</b>: </p><p><b>Suggested reply, not sent</b> "
    "· language en</p><blockquote><p></p></blockquote><p><b>Check before sending</b></p><ul><li></li></ul><p><b>Sources</b> 1. "
    "</p><p><b>Macro proposed: </b></p><p><b>Why</b>  · issue  · frustrated 0. · draft low, offline<br><b>Done</b> tag "
    ", priority urgent as tag priority-urgent (p1), team </p><p><i>Tag dh-accept sends it, dh-edit takes it over, dh-reject "
    "drops it, dh-wrong-intent: wrong topic.<br>Deskhand · suggestion id  · rules </i></p>"
)
_NOTE_AS_TEXT = (
    "Answer by  UTC ( min): \\nTell the \\nEvidence: \\u201c\\u201d, \\u201c\\n\\nNo draft: \\n\\nSuggested reply, not sent "
    "\\u00b7 language en\\n\\n\\n\\nCheck before sending\\n\\nSources 1. \\n\\nMacro proposed: \\n\\nWhy  \\u00b7 issue "
    " \\u00b7 frustrated 0. \\u00b7 draft low, offline\\nDone tag , priority urgent (p1), team , in copy\\n\\nTag dh-accept "
    "sends it, dh-edit takes it over, dh-reject drops it, dh-wrong-intent: wrong topic.\\nDeskhand \\u00b7 suggestion id "
    " \\u00b7 rules "
)
_TICKET_PART = (
    '{"type":"ticket_part","id":"","part_type":"ticket_state_updated_by_admin","part_type":"ticket_attribute_updated_by_admin",'
    '"part_type":"note","part_type":"assignment","part_type":"comment","body":"<p></p>","created_at":17,"updated_at":17,'
    '"author":{"type":"admin","id":"","name":"","email":""},"attachments":[],"redacted":false,"assigned_to":null,'
    '"ticket_state":"submitted","previous_ticket_state":"in_progress","updated_attribute_data":{"attribute":{"type":"attribute",'
    '"id":"","label":""},"value":{"type":"value","id":"","label":""}}}'
)
_INTERCOM = (
    '"conversation_message":{"type":"conversation_message","id":"","url":"","subject":"","body":"<p></p>","user":{"type":"user",'
    '"id":"","user_id":"","name":"","email":"","do_not_track":null},"assignee":{"type":"nobody_admin","id":null},"links":{'
    '"conversation_web":"https://app.intercom.com/a/apps//conversations/"}'
    '"item":{"type":"ticket_ticket_part","ticket":{"type":"ticket","id":"","ticket_id":"","ticket_attributes":{'
    '"_default_title_":"","_default_description_":""},"ticket_state":{"type":"ticket_state","id":"","category":"submitted",'
    '"internal_label":"Submitted","external_label":"Submitted"},"ticket_type":{"type":"ticket_type","id":"","name":"",'
    '"description":"","icon":"","workspace_id":"","archived":false,"category":"Customer","ticket_type_attributes":{"type":"list",'
    '"data":[]}},"contacts":{"type":"contact.list","contacts":[{"type":"contact","id":"","external_id":""}]},'
    '"admin_assignee_id":"0","team_assignee_id":"0","created_at":17,"updated_at":17,"ticket_parts":{"type":"ticket_part.list",'
    f'"ticket_parts":[{_TICKET_PART}],"total_count":1}},"open":true,"snoozed_until":null,"linked_objects":{{"type":"list",'
    '"data":[],"total_count":0,"has_more":false},"category":"Customer","is_shared":true,"company_id":"","channel":"messenger"},'
    '"ticket_part":{"topic":"ticket.created","topic":"ticket.state.updated","topic":"ticket.admin.assigned","topic":'
    '"ticket.team.assigned","topic":"ticket.admin.replied","topic":"ticket.contact.replied","topic":"ticket.note.created",'
    '"topic":"ticket.attribute.updated","topic":"ticket.closed","topic":"conversation.admin.open.assigned","topic":'
    '"conversation.admin.opened","topic":"conversation.admin.closed","topic":"conversation.admin.snoozed","topic":'
    '"conversation.admin.unsnoozed","topic":"conversation.operator.replied","topic":"conversation.rating.added","topic":'
    '"conversation.admin.single.created","topic":"conversation.priority.updated","topic":"conversation_part.tag.created",'
    '"topic":"conversation.user.created","topic":"conversation.admin.assigned","topic":"conversation.admin.noted","topic":'
    '"conversation.admin.replied","state":"closed","state":"snoozed","priority":"priority","priority":"not_priority",'
    '"delivered_as":"admin_initiated","delivered_as":"automated","source":{"type":"conversation","waiting_since":null,'
    '"part_type":"comment","part_type":"assignment","part_type":"close","part_type":"open","part_type":"snoozed",'
    '"part_type":"conversation_tags_updated","body":null,"assigned_to":{"type":"admin","id":"","assigned_to":{"type":"team",'
    '"admin_assignee_id":null,"team_assignee_id":null,"sla_applied":{"type":"conversation_sla_summary","sla_name":"",'
    '"sla_status":"active"},"conversation_rating":{"rating":,"remark":"","contact":{"time_to_assignment":null,'
    '"time_to_admin_reply":null,"time_to_first_close":null,"time_to_last_close":null,"median_time_to_reply":null,'
    '"first_contact_reply_at":null,"first_assignment_at":null,"first_admin_reply_at":null,"last_assignment_at":null,'
    '"last_assignment_admin_reply_at":null,"last_contact_reply_at":null,"last_admin_reply_at":null,'
    f'"read":true,"custom_attributes":{{"topics":{{}},{_AUTHOR}'
    f"{_NOTE}"
    '{"type":"notification_event","app_id":"","data":{"type":"notification_event_data","item":{"type":"conversation","id":"2154",'
    '"created_at":17,"updated_at":17,"waiting_since":17,"snoozed_until":null,"source":{"type":"email","id":"4039",'
    '"delivered_as":"customer_initiated","subject":"","body":"<p></p>","author":{"type":"user","id":"66","name":"","email":""},'
    '"attachments":[],"url":null,"redacted":false},"contacts":{"type":"contact.list","contacts":[{"type":"contact","id":"66",'
    '"external_id":""}]},"first_contact_reply":{"created_at":17,"type":"email","url":null},"admin_assignee_id":,'
    '"team_assignee_id":,"open":true,"state":"open","read":false,"tags":{"type":"tag.list","tags":[{"type":"tag","id":"",'
    '"name":"","applied_at":17,"applied_by":{"type":"admin","id":""}},{"type":"tag","id":"","name":"priority-urgent",'
    '"applied_at":17,"applied_by":{"type":"admin","id":""}}]},"priority":"none","sla_applied":null,"conversation_rating":null,'
    '"custom_attributes":{},"topics":{"type":"topic.list","topics":[],"total_count":0},"ticket":null,"linked_objects":{'
    '"type":"list","data":[],"total_count":0,"has_more":false},"ai_agent":null,"ai_agent_participated":false,"statistics":{'
    '"type":"conversation_statistics","time_to_assignment":,"time_to_admin_reply":,"time_to_first_close":null,'
    '"time_to_last_close":null,"median_time_to_reply":,"first_contact_reply_at":"20","first_assignment_at":"20",'
    '"first_admin_reply_at":"20","first_close_at":null,"last_assignment_at":"20","last_assignment_admin_reply_at":"20",'
    '"last_contact_reply_at":"20","last_admin_reply_at":"20","last_close_at":null,"last_closed_by_id":null,"count_reopens":0,'
    '"count_assignments":1,"count_conversation_parts":1,"assigned_team_first_response_time":[],'
    '"assigned_team_first_response_time_in_office_hours":[],"handling_time":null,"adjusted_handling_time":null},"teammates":{'
    '"type":"admin.list","admins":[{"type":"admin","id":""},{"type":"admin","id":""}]},"title":"","conversation_parts":{'
    '"type":"conversation_part.list","conversation_parts":[],"total_count":0}}},"conversation_parts":[{'
    '"type":"conversation_part","id":"","part_type":"note","body":"<p></p>","created_at":17,"updated_at":17,"notified_at":17,'
    '"assigned_to":null,"author":{"type":"admin","id":"","name":"","email":"","from_ai_agent":false,"is_ai_answer":false},'
    '"attachments":[],"external_id":null,"redacted":false,"metadata":{},"email_message_metadata":null,"state":"open","tags":[],'
    '"event_details":{},"app_package_code":null}],"total_count":1}}},"links":{},"id":"notif_","topic":"conversation.user.replied",'
    '"delivery_status":"pending","delivery_attempts":1,"delivered_at":0,"first_sent_at":17,"created_at":17,"self":null}'
)
_ZENDESK = (
    '"status":"NEW","status":"PENDING","status":"SOLVED","status":"HOLD","status":"CLOSED","priority":"LOW","priority":"NORMAL",'
    '"priority":"HIGH","priority":"URGENT","type":"QUESTION","type":"INCIDENT","type":"PROBLEM","via":{"channel":"web_form"}},'
    '"via":{"channel":"web_service"}},"via":{"channel":"native_messaging"}},"group_id":null,"assignee_id":null,'
    '"type":"zen:event-type:ticket.created","type":"zen:event-type:ticket.status_changed",'
    '"type":"zen:event-type:ticket.agent_assignment_changed","type":"zen:event-type:ticket.custom_field_changed",'
    '"type":"zen:event-type:ticket.followers_changed","type":"zen:event-type:ticket.email_ccs_changed",'
    '"type":"zen:event-type:ticket.attachment_linked_to_comment","type":"zen:event-type:ticket.merged",'
    '"type":"zen:event-type:ticket.group_assignment_changed","type":"zen:event-type:ticket.priority_changed",'
    '"type":"zen:event-type:ticket.tags_changed","event":{"field":{"id":""},"current":"","previous":"","event":{"current":"",'
    '"previous":null,"event":{"tags_added":[],"tags_removed":[],"current":"OPEN","previous":"NEW","current":"URGENT","meta":'
    f"{_NOTE_AS_TEXT}"
    '{"account_id":,"detail":{"actor_id":"","assignee_id":"","brand_id":"","group_id":"","organization_id":"","requester_id":"",'
    '"submitter_id":"","status":"OPEN","priority":null,"type":null,"created_at":"20","custom_status":"","description":"",'
    '"external_id":"","form_id":"","id":"","is_public":true,"subject":"","tags":["","issue-"],"updated_at":"20","via":{"channel":'
    '"mail"}},"event":{"comment":{"id":"","body":"","is_public":false,"author":{"id":"","is_staff":true,"name":"Deskhand"}},'
    '"meta":{"sequence":{"id":"","position":1}}},"id":"","subject":"zen:ticket:","time":"20","type":'
    '"zen:event-type:ticket.comment_added","zendesk_event_version":"2022-11-06"}'
)
# Templates of Zendesk's triggers and of rules at Freshdesk as well.
_FRESHDESK = (
    '"ticket_status":"Pending","ticket_status":"Resolved","ticket_status":"Closed","ticket_priority":"Low",'
    '"ticket_priority":"Medium","ticket_priority":"High","ticket_source":"Portal","ticket_source":"Phone","ticket_source":"Chat",'
    '"ticket_source":"Feedback Widget","ticket_source":"Outbound Email","ticket_type":"Question","ticket_type":"Incident",'
    '"ticket_type":"Problem","ticket_type":"Feature Request","triggered_event":"{ticket_action:update}","triggered_event":'
    '"{reply_sent:sent}","triggered_event":"{note_type:private}","triggered_event":"{note_type:public}","triggered_event":'
    '"{priority:{from:1,to:4},group_id:{from:,to:},responder_id:{from:,to:},status:{from:2,to:3},ticket_type:{from:,to:},'
    'tags:{added:[],removed:[]}}"{"ticket_id":"","updated_at":"20","current_user":"","event":"updated"}{"ticket_id":"",'
    '"subject":"","status":"Open",\n "priority":"Low","tags":"","requester_email":"",\n "event":"{ticket_action:created}"}'
    '{"ticket_id":"","triggered_event":"{ticket_action:updated}","updated_at":"20'
    '{"freshdesk_webhook":{"ticket_id":,"ticket_url":"https://.freshdesk.com/a/tickets/","ticket_portal_url":'
    '"https://.freshdesk.com/support/tickets/","ticket_subject":"","ticket_description":"<div></div><p></p>","ticket_status":"Open",'
    '"ticket_priority":"Urgent","ticket_source":"Email","ticket_type":"","ticket_tags":"","ticket_due_by_time":"20",'
    '"ticket_requester_name":"","ticket_requester_email":"","ticket_requester_phone":"","ticket_agent_name":"",'
    '"ticket_agent_email":"","ticket_group_name":"","ticket_company_name":"","ticket_product_name":"",'
    '"ticket_latest_public_comment":"","triggered_event":"{ticket_action:created}"}}'
)


def _spelled_both_ways(words: str) -> bytes:
    return (words.replace('":', '": ').replace(',"', ', "').replace(",{", ", {") + words).encode()


INTERCOM = _spelled_both_ways(_INTERCOM)
ZENDESK = _spelled_both_ways(_ZENDESK)
FRESHDESK = _spelled_both_ways(_FRESHDESK)
