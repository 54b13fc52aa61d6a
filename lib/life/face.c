/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "life/face.h"

#include <string.h>

#include "request/request_words.h"

enum {
    COMMAND_SHOWN_MAX = 256,
};

static char *dup_or_null(const char *text)
{
    return text ? nvb_xstrdup(text) : NULL;
}

static char *dup_command(const struct nvb_request *request)
{
    nvb_auto_buf b = { 0 };

    nvb_buf_add_str(&b, "");
    for (size_t i = 0; i < request->n_command && b.len < COMMAND_SHOWN_MAX; i++)
        nvb_buf_addf(&b, "%s%.*s", i > 0 ? " " : "", COMMAND_SHOWN_MAX, request->command[i]);
    if (b.len > COMMAND_SHOWN_MAX)
        b.data[COMMAND_SHOWN_MAX] = '\0';
    nvb_make_utf8(b.data);
    return nvb_steal(&b.data);
}

void nvb_face_fill(struct nvb_face *face, const struct nvb_request *request, uint64_t created_ns)
{
    *face = (struct nvb_face){
        .name = dup_or_null(request->name),
        .image = nvb_xstrdup(request->image),
        .command = dup_command(request),
        .created_ns = created_ns,
        .is_detached = request->is_detached,
        .stop_signal = request->stop_signal,
        .stop_timeout_s = nvb_request_get_stop_timeout(request),
    };
    nvb_make_utf8(face->image);
    for (size_t i = 0; i < request->n_labels; i++) {
        nvb_strv_add(&face->labels, request->labels[i]);
        nvb_make_utf8(face->labels.items[i]);
    }
}

char *nvb_face_dup_text(const struct nvb_face *face)
{
    nvb_autoptr(nvb_json) json = nvb_json_new_object();
    char *text = NULL;

    if (face->name)
        nvb_json_set_str(json, "name", face->name);
    nvb_json_set_str(json, "image", face->image);
    nvb_json_set_str(json, "command", face->command);
    nvb_json_set_u64(json, "created_ns", face->created_ns);
    if (face->is_detached)
        nvb_json_set_bool(json, "detached", true);
    if (face->stop_signal)
        nvb_json_set_u64(json, "stop_signal", face->stop_signal);
    nvb_json_set_u64(json, "stop_timeout_s", face->stop_timeout_s);
    if (face->labels.n > 0)
        nvb_json_set(json, "labels", nvb_json_new_strv(&face->labels));
    if (face->cgroups.n > 0)
        nvb_json_set(json, "cgroups", nvb_json_new_strv(&face->cgroups));
    if (face->held.n > 0)
        nvb_json_set(json, "held", nvb_json_new_strv(&face->held));
    if (face->count.failures > 0)
        nvb_json_set_u64(json, "failures", face->count.failures);
    if (face->count.delay_ms > 0)
        nvb_json_set_u64(json, "delay_ms", face->count.delay_ms);
    text = nvb_json_dup_text(json, false);
    text[strcspn(text, "\n")] = '\0';
    return text;
}

static void read_strings(const struct nvb_json *array, struct nvb_strv *out)
{
    for (size_t i = 0; i < nvb_json_length(array); i++) {
        const char *text = nvb_json_str(nvb_json_at(array, i));

        if (text)
            nvb_strv_add(out, text);
    }
}

static unsigned read_natural(const struct nvb_json *json, const char *key)
{
    uint64_t number = 0;

    return nvb_json_read_u64(nvb_json_get(json, key), &number) && number <= INT32_MAX
               ? (unsigned)number
               : 0;
}

bool nvb_face_parse(const char *text, struct nvb_face *out)
{
    nvb_autoptr(nvb_json) json = NULL;
    nvb_auto_err ignored = { 0 };

    *out = (struct nvb_face){ 0 };
    if (!nvb_json_parse(text, strlen(text), "face", &json, &ignored) ||
        !nvb_json_get_str(json, "image") || !nvb_json_get_str(json, "command"))
        return false;
    out->name = dup_or_null(nvb_json_get_str(json, "name"));
    out->image = nvb_xstrdup(nvb_json_get_str(json, "image"));
    out->command = nvb_xstrdup(nvb_json_get_str(json, "command"));
    (void)nvb_json_read_u64(nvb_json_get(json, "created_ns"), &out->created_ns);
    out->is_detached = nvb_json_get_bool(json, "detached");
    out->stop_signal = read_natural(json, "stop_signal");
    out->stop_timeout_s = read_natural(json, "stop_timeout_s");
    read_strings(nvb_json_get(json, "labels"), &out->labels);
    read_strings(nvb_json_get(json, "cgroups"), &out->cgroups);
    read_strings(nvb_json_get(json, "held"), &out->held);
    out->count.failures = read_natural(json, "failures");
    out->count.delay_ms = read_natural(json, "delay_ms");
    return true;
}

void nvb_face_clear(struct nvb_face *face)
{
    free(face->name);
    free(face->image);
    free(face->command);
    nvb_strv_clear(&face->labels);
    nvb_strv_clear(&face->cgroups);
    nvb_strv_clear(&face->held);
    *face = (struct nvb_face){ 0 };
}
