/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "blob.h"

#include <string.h>

enum {
    PROGRESS_BYTES = 1 << 20, /* as many, and patience begins anew */
};

void blob_init(struct blob *blob,
               struct registry *registry,
               struct http *http,
               const char *digest,
               uint64_t size_bytes,
               const char *what)
{
    *blob = (struct blob){ .registry = registry,
                           .http = http,
                           .digest = digest,
                           .size_bytes = size_bytes,
                           .what = what,
                           .place = registry->first };
}

static const char *place_name(const struct blob *blob)
{
    return blob->registry->endpoints[blob->place].name;
}

/* Who answers with another size than the manifest declares is wrong about one of them. */
static bool check_reply(struct blob *blob, struct nvb_err *err)
{
    const struct http_reply *reply = http_get_reply(blob->http);
    uint64_t from = reply->status == 206 ? blob->at : 0;
    uint64_t end = from + reply->length;

    if (reply->status == 206 && reply->range_from != blob->at) {
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID,
                        "'%s' sends another part of %s than was asked for", place_name(blob),
                        blob->what);
    }
    if (reply->has_length && reply->length != blob->size_bytes - from) {
        nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID,
                 "'%s' sends %llu bytes for %s, whose manifest says %llu", place_name(blob),
                 (unsigned long long)end, blob->what, (unsigned long long)blob->size_bytes);
        return reply->content_type && strcmp(reply->content_type, "text/html") == 0
                   ? nvb_hint(err, "it answers with a web page: is a login page in between?")
                   : false;
    }
    blob->to_skip = blob->at - from;
    return true;
}

static bool open_here(struct blob *blob, struct nvb_err *err)
{
    nvb_autofree char *path = nvb_xasprintf("blobs/%s", blob->digest);
    const struct ask ask = { .path = path, .what = blob->what, .from = blob->at };

    for (;; blob->place++) {
        if (!registry_ask(blob->registry, blob->http, &ask, &blob->place, err)) {
            blob->has_failed = true;
            return false;
        }
        if (check_reply(blob, err)) {
            blob->is_open = true;
            return true;
        }
        if (blob->place + 1 >= blob->registry->n)
            return false;
        nvb_err_clear(err);
    }
}

/* A connection that broke: false when that was one too many. */
static bool try_again(struct blob *blob, struct nvb_err *err)
{
    bool is_stopped = false;

    blob->is_open = false;
    if (blob->at >= blob->at_progress + PROGRESS_BYTES) {
        blob->at_progress = blob->at;
        blob->n_tried = 0;
    }
    if (http_get_fault(blob->http) == HTTP_LOST &&
        registry_wait(blob->registry, ++blob->n_tried, 0, &is_stopped, err))
        return true;
    blob->has_failed = true;
    return false;
}

/* What came, less what is known already; false at a fault that is final. */
static bool accept_bytes(struct blob *blob, const char **bytes, size_t *len, struct nvb_err *err)
{
    size_t skip = *len < blob->to_skip ? *len : (size_t)blob->to_skip;

    blob->to_skip -= skip;
    *bytes += skip;
    *len -= skip;
    if (*len > blob->size_bytes - blob->at) {
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID,
                        "'%s' sends more for %s than the %llu bytes that its manifest says",
                        place_name(blob), blob->what, (unsigned long long)blob->size_bytes);
    }
    blob->at += *len;
    return true;
}

/* Without a length in the reply its end may be too early. */
static bool is_cut_off(struct blob *blob, struct nvb_err *err)
{
    blob->is_open = false;
    return nvb_fail(err, NVB_D_IMAGE, NVB_E_IO, "'%s' sends %llu bytes for %s instead of %llu",
                    place_name(blob), (unsigned long long)blob->at, blob->what,
                    (unsigned long long)blob->size_bytes);
}

bool blob_next(void *data, const void **out_bytes, size_t *out_len, struct nvb_err *err)
{
    struct blob *blob = data;

    while (blob->at < blob->size_bytes) {
        const void *bytes = NULL;
        const char *rest = NULL;
        size_t len = 0;

        if (!blob->is_open && !open_here(blob, err))
            return false;
        if (!http_read(blob->http, &bytes, &len, err)) {
            if (!try_again(blob, err))
                return false;
            continue;
        }
        if (len == 0)
            return is_cut_off(blob, err);
        rest = bytes;
        if (!accept_bytes(blob, &rest, &len, err))
            return false;
        if (len > 0) {
            *out_bytes = rest;
            *out_len = len;
            return true;
        }
    }
    *out_len = 0;
    return true;
}
