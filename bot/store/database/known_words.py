"""Words that most of what is kept is made of: field names of webhook bodies, and of our own JSON. Never anything that a customer
wrote. What is kept is compressed with them (packed_values.py), and without them nobody reads it.

So a list that has been released stays as it is, to the last letter. Another one is added with a number of its own. zlib reaches
for what stands at the end most cheaply: what is said most often comes last.
"""

from __future__ import annotations

# Field names as the helpdesks write them, see the page of each in docs/providers.
_INTERCOM = (
    '"attachments":[],"url":null,"redacted":false,"delivered_as":"customer_initiated","conversation_message","first_contact_reply":{'
    '"assigned_to":null,"notified_at":"part_type":"comment","body":"<p></p>","author":{"type":"admin","type":"bot","type":"lead",'
    '"part_type":"note","part_type":"assignment","conversation_part","ticket_parts":{"type":"ticket_part.list","ticket_parts":[],'
    '"ticket_type":{"type":"ticket_type","category":"Customer","ticket_state":{"type":"ticket_state","internal_label":"submitted",'
    '"external_label":"","ticket_attributes":{"_default_title_":"","_default_description_":"","is_shared":true,"ticket_id":"'
    '"type":"notification_event","app_id":"","data":{"type":"notification_event_data","item":{"type":"conversation","id":"'
    '"created_at":,"updated_at":,"waiting_since":null,"snoozed_until":null,"source":{"type":"email","id":"","delivered_as":"'
    '"subject":"","body":"<p>","author":{"type":"user","id":"","name":"","email":"","contacts":{"type":"contact.list","contacts":'
    '[{"type":"contact","id":"","external_id":"","first_contact_reply":{"created_at":,"type":"email","url":null},'
    '"admin_assignee_id":null,"team_assignee_id":null,"open":true,"state":"open","read":false,"tags":{"type":"tag.list","tags":[],'
    '"priority":"none","priority":"not_priority","sla_applied":null,"conversation_rating":null,"custom_attributes":{},"topics":{'
    '"type":"topic.list","topics":[],"total_count":0},"ticket":null,"linked_objects":{"type":"list","data":[],"total_count":0,'
    '"has_more":false},"ai_agent":null,"ai_agent_participated":false,"statistics":{"type":"conversation_statistics",'
    '"time_to_assignment":null,"time_to_admin_reply":null,"time_to_first_close":null,"time_to_last_close":null,'
    '"median_time_to_reply":null,"first_contact_reply_at":null,"first_assignment_at":null,"first_admin_reply_at":null,'
    '"first_close_at":null,"last_assignment_at":null,"last_assignment_admin_reply_at":null,"last_contact_reply_at":null,'
    '"last_admin_reply_at":null,"last_close_at":null,"last_closed_by_id":null,"count_reopens":0,"count_assignments":0,'
    '"count_conversation_parts":0,"assigned_team_first_response_time":[],"assigned_team_first_response_time_in_office_hours":[],'
    '"handling_time":null,"adjusted_handling_time":null},"teammates":{"type":"admin.list","admins":[]},"title":"",'
    '"conversation_parts":{"type":"conversation_part.list","conversation_parts":[],"total_count":0}}},"links":{},"id":"notif_'
    '"topic":"conversation.admin.assigned","topic":"conversation.admin.closed","topic":"conversation_part.tag.created",'
    '"topic":"conversation.priority.updated","topic":"ticket.state.updated","topic":"conversation.admin.noted",'
    '"topic":"conversation.admin.replied","topic":"conversation.user.created","topic":"conversation.user.replied",'
    '"delivery_status":"pending","delivery_attempts":1,"delivered_at":0,"first_sent_at":,"created_at":,"self":null}'
)
_FRESHDESK = (
    '{"freshdesk_webhook":{"ticket_id":,"ticket_url":"https://.freshdesk.com/helpdesk/tickets/","ticket_portal_url":"https://'
    '"ticket_subject":"","ticket_description":"<div>","ticket_status":"Open","ticket_priority":"Low","ticket_source":"Email",'
    '"ticket_type":"","ticket_tags":"","ticket_due_by_time":"","ticket_requester_name":"","ticket_requester_email":"",'
    '"ticket_requester_phone":"","ticket_agent_name":"","ticket_agent_email":"","ticket_group_name":"","ticket_company_name":"",'
    '"ticket_product_name":"","ticket_latest_public_comment":"","triggered_event":"{ticket_action:created}","triggered_event":"'
    '{priority:from:,to:}{status:from:,to:}{agent_id:from:,to:}{group_id:from:,to:}{note_type:private}{reply_sent:sent}"}}'
    '{"ticket_id": "", "triggered_event": "{ticket_action:updated}", "updated_at": "20'
)
_ZENDESK = (
    '"tags_added":[],"tags_removed":[],"is_staff":true,"author":{"id":"","is_staff":false,"name":"","body":"","comment":{"id":"'
    '"type":"zen:event-type:ticket.status_changed","type":"zen:event-type:ticket.agent_assignment_changed",'
    '"type":"zen:event-type:ticket.group_assignment_changed","type":"zen:event-type:ticket.custom_field_changed",'
    '"type":"zen:event-type:ticket.followers_changed","type":"zen:event-type:ticket.priority_changed",'
    '"type":"zen:event-type:ticket.tags_changed","type":"zen:event-type:ticket.comment_added",'
    '"account_id":,"detail":{"actor_id":"","assignee_id":null,"brand_id":"","group_id":null,"organization_id":"","requester_id":"'
    '"submitter_id":"","status":"OPEN","status":"NEW","priority":"URGENT","priority":"HIGH","priority":"NORMAL","priority":null,'
    '"type":null,"created_at":"20","custom_status":"","description":"","external_id":"","form_id":"","id":"","is_public":true,'
    '"subject":"","tags":[],"updated_at":"20","via":{"channel":"web_form","via":{"channel":"mail"}},"event":{"current":"",'
    '"previous":null,"meta":{"sequence":{"id":"","position":1}}},"id":"","subject":"zen:ticket:","time":"20","type":"'
    'zen:event-type:ticket.created","zendesk_event_version":"2022-11-06"}'
)

_SNAPSHOT = (
    '{"account":"zendesk","assignee":null,"brand":null,"category":null,"channel":"email","channel_raw":"email","closed_at":null,'
    '"company":{"account_manager":null,"arr":,"csm":null,"custom":{},"domains":[],"external_id":"","flags":[],"health":null,'
    '"is_premium":false,"is_strategic":false,"mrr":,"name":"","nps":null,"plan":null,"renewal_at":"","tags":[],"tier":"enterprise"},'
    '"created_at":"","custom":{},"description":"","due_at":null,"external_id":"","first_replied_at":null,'
    '"first_response_due_at":null,"followers":[],"form":null,"is_deleted":false,"is_spam":false,"is_writable":true,"kind":"ticket",'
    '"language":null,"merged_into":null,"message_count":,"messages":[{"attachments":[],"author_id":"","author_kind":"person",'
    '"author_name":"","body_html":"<div class=\\"zd-comment\\" dir=\\"auto\\"><p></p></div>","body_text":"","created_at":"",'
    '"direction":"in","external_id":"first","is_auto_generated":false,"is_ours":false,"kind":"message","language":null,"raw":null,'
    '"visibility":"public"},{"attachments":[],"author_id":"","author_kind":"agent","author_name":"","body_html":"<p></p>",'
    '"body_text":"","created_at":"","direction":"out","external_id":"","is_auto_generated":false,"is_ours":true,"kind":"message",'
    '"language":null,"raw":null,"visibility":"internal"}],"number":"","priority":"urgent","priority_raw":"","problem_id":null,'
    '"provider":"freshdesk","provider":"intercom","provider":"zendesk","rated_at":null,"rating":null,"rating_comment":"",'
    '"rating_raw":"","raw":null,"read_at":"","reopen_count":0,"requester":{"company_id":"","created_at":"","custom":{},"emails":[],'
    '"external_id":"","is_vip":false,"locale":"en","name":"","phones":[],"role":"customer","tags":[],"timezone":"","title":null},'
    '"snoozed_until":null,"solved_at":null,"status":"open","status_raw":"open","subject":"","submitter_id":null,"tags":[],'
    '"team":{"external_id":"","name":""},"type":null,"type_raw":"","updated_at":"","url":"https://","version":"","waiting_since":null}'
)
_RULES = (
    '"fired":1,"fired_at":["20"],"flipped_at":[],"held":true,"message_id":"","rule":"","semantic_hash":"'
    '"},"":{"fired":1,"fired_at":["20"],"flipped_at":[],"held":false,"message_id":"first","rule":"","semantic_hash":"'
)
_PLAN = (
    '{"instructions":"","rule":"","tone":""}{"answered_html":"","note_content":{"csm":"","draft":null,"draft":{"band":"low",'
    '"check_before":[],"drafter":"offline","intent":"","language":"en","model":"","reason":"","sentences":[],"shown_hash":"",'
    '"sources":[],"text":"","withheld":false},"evidence":[],"facts":[],"macros":[{"macro":{"external_id":"","html":"",'
    '"is_active":true,"name":"","text":""},"missing":[],"text":""}],"marker":"","no_draft":"","notes":[{"kind":"escalation",'
    '"priority":null,"rule":"","team":"","tell":[],"text":"","title":"","within":3600.0}],"notices":[{"channel":"csm",'
    '"rule":"","text":"","to":""}],"now":"","pack_version":"","priority_facts":[],"refused":[],"shadow":false,"timezone":"UTC",'
    '"trace_url":"","tried":"","unsent":[],"writes":["priority ","tag ","team "],"yielded":[]},"run_id":"",'
    '"ticket":{"account":"","external_id":"","kind":"ticket"},"writes":[{"after_reply":false,"rules":[""],'
    '"write":{"kind":"add_tags","tags":[""]}},{"after_reply":false,"rules":[],"write":{"kind":"set_priority",'
    '"priority":"high"}},{"kind":"set_team","team":{"external_id":"","name":""}},{"kind":"add_followers","people":[{"email":"",'
    '"write":{"is_suggestion":true,"html":"","kind":"add_note","marker":""}}]}'
)
_REQUEST = (
    "<p><b>Answer by <br>Tell the <br>Evidence: “</p><p><b>No draft</b>: </p><p><b>Suggested reply, not sent</b> · language "
    "en</p><blockquote><p></p></blockquote><p><b>Check before sending</b></p><ul><li></li></ul><p><b>Sources</b> 1. "
    "<b>Macro proposed: </b><br></p><p><b>Why</b> · draft low, offline<br><b>Done</b> tag , priority  (p1), team "
    "</p><p><i>Tag dh-accept sends it, dh-edit takes it over, dh-reject drops it, dh-wrong-intent: wrong topic.<br>Deskhand · "
    "suggestion id  · rules </i></p>"
    '{"arguments":{"body":"<p>","html":"<p>","add_tags":[],"fields":{"group_id":,"priority":4},"read_at":"","remove_tags":[],'
    '"tags":[],"was":{"group_id":null,"priority":1}},{"arguments":{"carries":{"comment":[],"followers":[],"group_id":[],"priority":'
    '[1],"tags":[0]},"expect":[{"field":"tags","has":[""],"write":0},{"field":"priority","wanted":"","write":1},{"field":"group_id",'
    '"wanted":,"write":2},{"field":"comment","public":false,"write":}],"ticket":{"comment":{"html_body":"<p>","public":false},'
    '"followers":[{"action":"put","user_email":""}],"group_id":,"metadata":{"custom":{"deskhand":{"run":""}}},"priority":"",'
    '"safe_update":true,"tags":[""],"updated_stamp":""}},"is_conditional":true,"is_public":false,"is_repeatable":false,'
    '"is_conditional":false,"is_public":false,"is_repeatable":true,"marker":"","number":0,"operation":"add_tag","operation":'
    '"add_note","operation":"update_ticket","ticket":{"account":"","external_id":"","kind":"ticket"},"writes":[0,1,2,3]}'
)
_EVENTS = (
    '[{"actor":"","actor_is_us":true,"changes":{"priority":["low","high"]},"delivery_key":"","has_delivery_id":false,"kind_raw":"'
    'conversation.user.replied","occurred_at":"20","provider":"freshdesk","provider":"intercom","provider":"zendesk","ticket":{'
    '"account":"","external_id":"","kind":"conversation"},"type":"tags.changed"}]"kind":"ticket"},"type":"ticket.created"}]'
)

# As `deliveries.events` has them, version 2.
_TOLD = (
    '[{"actor":"","actor_is_us":true,"changes":{"status":["open","pending"],"priority":["low","high"],"priority":["normal",'
    '"urgent"],"team":[null,"","assignee":[null,"","tags":[[],[""]]},"delivery_key":"internal:draft:","kind_raw":"draft.ready",'
    '"raw":{"draft":"","type":"draft.ready"}]"delivery_key":"poll:","kind_raw":"poll","kind_raw":"{ticket_action:created}",'
    '"kind_raw":"{ticket_action:update}","kind_raw":"{reply_sent:sent}","kind_raw":"{note_type:private}","kind_raw":"{priority:{'
    'from:1,to:4}"kind_raw":"conversation.user.created","kind_raw":"conversation.user.replied","kind_raw":"'
    'conversation.admin.replied","kind_raw":"conversation.admin.noted","kind_raw":"conversation.admin.assigned","kind_raw":"'
    'conversation_part.tag.created","kind_raw":"ticket.tags_changed","kind_raw":"ticket.priority_changed","kind_raw":"'
    'ticket.status_changed","kind_raw":"ticket.group_assignment_changed","kind_raw":"ticket.agent_assignment_changed",'
    '"kind_raw":"ticket.created","kind":"conversation"},"type":"other"}]"type":"ticket.created"}]"type":"ticket.updated"}]"type":"'
    'status.changed"}]"type":"priority.changed"}]"type":"assignee.changed"}]"type":"tags.changed"}]"type":"agent.replied"}]"type":"'
    'customer.replied"}]"provider":"freshdesk","ticket":{"account":"freshdesk","external_id":"","kind":"ticket"},"provider":"'
    'zendesk","ticket":{"account":"zendesk","external_id":"","kind":"ticket"},[{"actor":"","delivery_key":"",'
    '"has_delivery_id":false,"kind_raw":"ticket.comment_added","occurred_at":"20:00+00:00","provider":"intercom","ticket":{'
    '"account":"intercom","external_id":"","kind":"conversation"},"type":"note.created"}]'
)

BODIES = (_INTERCOM + _FRESHDESK + _ZENDESK).encode()  # version 1, which is only read: now webhook_words.py
EVENTS = _TOLD.encode()
OWN = (_RULES + _PLAN + _SNAPSHOT + _EVENTS + _REQUEST).encode()
