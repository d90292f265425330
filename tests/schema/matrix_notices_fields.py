"""The fields of notices: the part of `matrix_fields` that is about them."""

ORGANISATION_NOTICES = " webhookEndpoints deadNotices"
VIEWER_NOTICES = " noticePreference notices"

NOTICE_NODES: dict[str, str] = {"Notice": "id version topic subject text at aboutId"}

NOTICE_PARTS: dict[str, str] = {
    "DeadNotice": "id channel topic recipient attempts lastError createdAt givenUpAt",
    "DeadNoticeConnection": "nodes pageInfo edges",
    "DeadNoticeEdge": "cursor node",
    "NoticeConnection": "nodes pageInfo edges",
    "NoticeEdge": "cursor node",
    "NoticePreference": "mutedTopics quietFrom quietUntil timeZone hasWechat",
    "WebhookEndpoint": "id url topics state reason formerSecretUntil createdAt changedAt",
}

NOTICE_UPDATES: dict[str, str] = {
    "DeadNoticesUpdate": "kind deadNotices",
    "NoticesUpdate": "kind version previousVersion notices",
}

NOTICE_OUTCOMES: dict[str, str] = {
    "NoticePreferenceSet": "preference",
    "NoticesReplayed": "noticeIds",
    "WebhookEndpointChanged": "endpoint",
    "WebhookEndpointCreated": "endpoint secret",
    "WebhookEndpointDeleted": "endpointId",
    "WebhookSecretRotated": "endpoint secret",
}
