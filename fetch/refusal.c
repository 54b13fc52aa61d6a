/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "refusal.h"

#include <string.h>

#include "base/json.h"

enum {
    DOCUMENT_MAX = 64 << 10,
    MESSAGE_MAX = 200,
};

/* Cut between characters: half of one would be no UTF-8. */
static void cut(char *text, size_t max)
{
    size_t end = strlen(text);

    if (end <= max)
        return;
    for (end = max; end > 0 && ((unsigned char)text[end] & 0xc0) == 0x80; end--)
        continue;
    text[end] = '\0';
}

char *refusal_dup_message(const char *text, size_t len)
{
    nvb_autoptr(nvb_json) json = NULL;
    nvb_auto_err ignored = { 0 };
    const struct nvb_json *first = NULL;
    const char *message = NULL;
    char *copy = NULL;

    if (!nvb_json_parse(text, len, "the answer", &json, &ignored))
        return NULL;
    first = nvb_json_at(nvb_json_get(json, "errors"), 0);
    message = nvb_json_get_str(first, "message");
    if (!message || !*message)
        message = nvb_json_get_str(first, "code");
    if (!message || !*message)
        return NULL;
    copy = nvb_xstrdup(message);
    cut(copy, MESSAGE_MAX);
    for (char *p = copy; *p; p++) {
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            *p = ' ';
    }
    return copy;
}

static bool has_login(const struct endpoint *endpoint)
{
    return !credential_is_empty(&endpoint->credential);
}

void refusal_of_login(struct nvb_err *err, const struct endpoint *endpoint, const struct ask *ask)
{
    const char *name = endpoint->name;

    if (has_login(endpoint)) {
        nvb_fail(err, NVB_D_IMAGE, NVB_E_DENIED,
                 "'%s' does not give '%s' to the login that you have there", name, ask->what);
        nvb_hint(err, "is the name right? if so, log in again: podman login %s, or docker login %s",
                 name, name);
        return;
    }
    nvb_fail(err, NVB_D_IMAGE, NVB_E_DENIED,
             "'%s' gives '%s' to nobody without a login, if it has it at all", name, ask->what);
    nvb_hint(err,
             "is the name right? if it is private, log in: podman login %s, or docker login %s",
             name, name);
}

static void set_not_found(struct nvb_err *err,
                          const struct endpoint *endpoint,
                          const struct ask *ask,
                          const struct http_reply *reply)
{
    bool is_page = reply->content_type && strcmp(reply->content_type, "text/html") == 0;

    nvb_fail(err, NVB_D_IMAGE, NVB_E_NOT_FOUND, "'%s' does not have '%s'", endpoint->name,
             ask->what);
    if (is_page) {
        nvb_hint(err, "it answers with a web page: is it a registry?");
    } else {
        nvb_hint(err, "are the name and the tag right?");
    }
}

static void
set_too_many(struct nvb_err *err, const struct endpoint *endpoint, const struct http_reply *reply)
{
    nvb_fail(err, NVB_D_IMAGE, NVB_E_IO, "'%s' has had enough of your requests for now",
             endpoint->name);
    if (reply->retry_after_s > 0) {
        nvb_hint(err, "try again in %u s, log in, or name a mirror in the configuration",
                 reply->retry_after_s);
    } else {
        nvb_hint(err, "try again later, log in, or name a mirror in the configuration");
    }
}

static enum outcome set_by_status(struct nvb_err *err,
                                  const struct endpoint *endpoint,
                                  const struct ask *ask,
                                  const struct http_reply *reply)
{
    switch (reply->status) {
    case 403:
        refusal_of_login(err, endpoint, ask);
        return OUTCOME_FAILED;
    case 404:
        set_not_found(err, endpoint, ask, reply);
        return OUTCOME_FAILED;
    case 429:
        set_too_many(err, endpoint, reply);
        return OUTCOME_AGAIN;
    default:
        break;
    }
    nvb_fail(err, NVB_D_IMAGE, NVB_E_IO, "'%s' answers to '%s' with status %u", endpoint->name,
             ask->what, reply->status);
    if (reply->status < 500 && reply->status != 408) {
        nvb_hint(err, "is it a registry?");
        return OUTCOME_FAILED;
    }
    nvb_hint(err, "something is wrong there; try again later");
    return OUTCOME_AGAIN;
}

/* What the registry says itself is the cause. */
static void put_below(struct nvb_err *err, const struct endpoint *endpoint, const char *message)
{
    nvb_auto_err outer = *err;

    *err = (struct nvb_err){ 0 };
    nvb_fail(err, outer.domain, outer.kind, "'%s' says: %s", endpoint->name, message);
    nvb_while(err, "%s", outer.lines[0]);
    nvb_hint(err, "%s", outer.hint);
}

enum outcome refusal_of_status(struct nvb_err *err,
                               const struct endpoint *endpoint,
                               const struct ask *ask,
                               struct http *http)
{
    enum outcome outcome = set_by_status(err, endpoint, ask, http_get_reply(http));
    nvb_auto_buf text = { 0 };
    nvb_autofree char *message = NULL;
    nvb_auto_err ignored = { 0 };

    if (http_read_all(http, DOCUMENT_MAX, &text, &ignored) && text.len > 0)
        message = refusal_dup_message(text.data, text.len);
    if (message)
        put_below(err, endpoint, message);
    return outcome;
}
