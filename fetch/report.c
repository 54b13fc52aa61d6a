/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "base/file.h"

enum {
    PROGRESS_MS = 100,
};

struct report {
    int fd; /* borrowed */
    pthread_mutex_t mutex;
    int64_t told_ms[NVB_LAYERS_MAX]; /* when a layer's progress was told last */
};

struct report *report_new(int fd)
{
    struct report *report = nvb_xcalloc(1, sizeof(*report));

    report->fd = fd;
    (void)pthread_mutex_init(&report->mutex, NULL);
    return report;
}

void report_free(struct report *report)
{
    if (!report)
        return;
    (void)pthread_mutex_destroy(&report->mutex);
    free(report);
}

/* Nobody who listens: the work is stopped from outside (jail.h). */
void report_send(struct report *report, struct nvb_json *take_event)
{
    nvb_autoptr(nvb_json) event = take_event;
    nvb_autofree char *line = nvb_json_dup_text(event, false);

    (void)pthread_mutex_lock(&report->mutex);
    (void)nvb_write_all(report->fd, line, strlen(line));
    (void)pthread_mutex_unlock(&report->mutex);
}

static struct nvb_json *new_event(const char *name)
{
    struct nvb_json *event = nvb_json_new_object();

    nvb_json_set_str(event, "event", name);
    return event;
}

static int64_t now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool is_due(struct report *report, size_t layer)
{
    int64_t now = now_ms();
    bool is_due = false;

    (void)pthread_mutex_lock(&report->mutex);
    is_due = layer < NVB_LAYERS_MAX && now - report->told_ms[layer] >= PROGRESS_MS;
    if (is_due)
        report->told_ms[layer] = now;
    (void)pthread_mutex_unlock(&report->mutex);
    return is_due;
}

void report_progress(struct report *report, size_t layer, uint64_t n_in, uint64_t n_out)
{
    struct nvb_json *event = NULL;

    if (!is_due(report, layer))
        return;
    event = new_event("progress");
    nvb_json_set_u64(event, "layer", layer);
    nvb_json_set_u64(event, "in", n_in);
    nvb_json_set_u64(event, "out", n_out);
    report_send(report, event);
}

void report_layer(struct report *report, const char *name, size_t layer)
{
    struct nvb_json *event = new_event(name);

    nvb_json_set_u64(event, "layer", layer);
    report_send(report, event);
}

/* Names in archives may be any bytes, JSON is UTF-8: the others as \xNN. */
char *report_dup_text(const char *text)
{
    nvb_auto_buf out = { 0 };

    nvb_buf_add(&out, "", 0);
    for (const char *p = text; *p;) {
        size_t n = nvb_utf8_length(p, strlen(p));

        if (n > 0) {
            nvb_buf_add(&out, p, n);
        } else {
            nvb_buf_addf(&out, "\\x%02x", (unsigned char)*p);
        }
        p += n > 0 ? n : 1;
    }
    return nvb_steal(&out.data);
}

void report_note(struct report *report, const char *text)
{
    struct nvb_json *event = new_event("note");
    nvb_autofree char *clean = report_dup_text(text);

    nvb_json_set_str(event, "text", clean);
    report_send(report, event);
}

void report_done(struct report *report, struct nvb_json *take_members)
{
    struct nvb_json *event = new_event("done");
    nvb_autoptr(nvb_json) members = take_members;

    nvb_json_foreach(it, members)
        nvb_json_set(event, it.key, nvb_json_ref(it.value));
    report_send(report, event);
}

void report_error(struct report *report, const struct nvb_err *err)
{
    struct nvb_json *event = new_event("error");
    struct nvb_json *lines = nvb_json_new_array();

    nvb_json_set_u64(event, "domain", err->domain);
    nvb_json_set_u64(event, "kind", err->kind);
    nvb_json_set_i64(event, "errno", err->sys_errno);
    for (unsigned i = 0; i < err->n_lines; i++) {
        nvb_autofree char *line = report_dup_text(err->lines[i]);

        nvb_json_append(lines, nvb_json_new_str(line));
    }
    nvb_json_set(event, "lines", lines);
    if (err->hint) {
        nvb_autofree char *hint = report_dup_text(err->hint);

        nvb_json_set_str(event, "hint", hint);
    }
    report_send(report, event);
}
