/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "container_row.h"

#include <string.h>

#include "duration.h"
#include "say.h"

enum {
    COMMAND_SHOWN = 30,
};

static const double second_ns = 1e9;

static char *dup_ago(uint64_t ns)
{
    uint64_t now = moment_now_ns();
    nvb_autofree char *text = duration_dup_text(now > ns ? (double)(now - ns) / second_ns : 0);

    return nvb_xasprintf("%s ago", text);
}

static char *dup_ending(const struct nvb_ending *ending, const char *word)
{
    nvb_autofree char *ago = ending->finished_ns ? dup_ago(ending->finished_ns) : NULL;

    if (!ending->is_known)
        return nvb_xasprintf("%s (unknown)%s%s", word, ago ? " " : "", ago ? ago : "");
    return nvb_xasprintf("%s (%u)%s%s", word, ending->status, ago ? " " : "", ago ? ago : "");
}

char *container_row_dup_status(const struct nvb_listed *listed)
{
    const struct nvb_status *status = &listed->status;
    nvb_autofree char *up = NULL;

    switch (status->state) {
    case NVB_STATE_RUNNING:
    case NVB_STATE_LOST:
        up = duration_dup_text(nvb_process_age_s(&status->sight.process));
        return nvb_xasprintf("Up %s", up);
    case NVB_STATE_RESTARTING:
        return dup_ending(&status->ending, "Restarting");
    case NVB_STATE_EXITED:
        return dup_ending(&status->ending, "Exited");
    case NVB_STATE_CREATED:
    case NVB_STATE_GONE:
        break;
    }
    return nvb_xstrdup("Created");
}

static struct nvb_json *labels_to_json(const struct nvb_strv *labels)
{
    struct nvb_json *object = nvb_json_new_object();

    for (size_t i = 0; i < labels->n; i++) {
        nvb_autofree char *name = nvb_xstrndup(labels->items[i], strcspn(labels->items[i], "="));
        const char *value = labels->items[i] + strlen(name);

        nvb_json_set_str(object, name, *value ? value + 1 : "");
    }
    return object;
}

static void set_moment(struct nvb_json *row, const char *key, uint64_t ns)
{
    nvb_autofree char *text = moment_dup_text(ns);

    nvb_json_set_str(row, key, text);
}

struct nvb_json *container_row_to_json(const struct nvb_listed *listed)
{
    const struct nvb_status *status = &listed->status;
    struct nvb_json *row = nvb_json_new_object();
    bool is_up = nvb_state_is_up(status->state);
    bool has_ended = status->state == NVB_STATE_EXITED || status->state == NVB_STATE_RESTARTING;

    nvb_json_set_str(row, "id", listed->id);
    nvb_json_set_str(row, "name", listed->face.name);
    nvb_json_set_str(row, "image", listed->face.image);
    nvb_json_set_str(row, "command", listed->face.command);
    set_moment(row, "created", listed->face.created_ns);
    nvb_json_set_str(row, "state", nvb_state_name(status->state));
    nvb_json_set_bool(row, "detached", listed->face.is_detached);
    nvb_json_set(row, "pid", is_up ? nvb_json_new_i64(status->sight.process.pid) : NULL);
    nvb_json_set(row, "exit_status",
                 has_ended && status->ending.is_known ? nvb_json_new_u64(status->ending.status)
                                                      : NULL);
    set_moment(row, "finished", has_ended ? status->ending.finished_ns : 0);
    nvb_json_set_str(row, "error", status->ending.error);
    nvb_json_set(row, "labels", labels_to_json(&listed->face.labels));
    return row;
}

/* One line, cut at a character, not within one. */
static char *dup_command(const char *command)
{
    nvb_autofree char *line = nvb_xstrdup(*command ? command : "-");
    size_t len = strlen(line);
    size_t n = 0;

    for (char *p = line; *p; p++)
        *p = *p == '\n' || *p == '\t' ? ' ' : *p;
    if (len <= COMMAND_SHOWN)
        return nvb_steal(&line);
    while (n < COMMAND_SHOWN - 3) {
        size_t step = nvb_utf8_length(line + n, len - n);

        n += step ? step : 1;
    }
    return nvb_xasprintf("%.*s...", (int)n, line);
}

static size_t columns_of(const char *text)
{
    size_t n = 0;

    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

void container_rows_add(struct container_rows *rows, const struct nvb_listed *listed)
{
    nvb_strv_add(&rows->cells, listed->id);
    nvb_strv_add(&rows->cells, listed->face.image);
    nvb_strv_take(&rows->cells, dup_command(listed->face.command));
    nvb_strv_take(&rows->cells, dup_ago(listed->face.created_ns));
    nvb_strv_take(&rows->cells, container_row_dup_status(listed));
    nvb_strv_add(&rows->cells, listed->face.name ? listed->face.name : "-");
}

static void print_row(char *const *cells, const size_t *widths, FILE *out)
{
    nvb_auto_buf line = { 0 };

    for (size_t i = 0; i < CONTAINER_COLUMNS; i++) {
        size_t columns = columns_of(cells[i]);
        int pad = i + 1 < CONTAINER_COLUMNS ? (int)(widths[i] - columns) + 2 : 0;

        nvb_buf_addf(&line, "%s%*s", cells[i], pad, "");
    }
    say(out, "%s", line.data);
}

void container_rows_print(const struct container_rows *rows, FILE *out)
{
    static const char *const titles[CONTAINER_COLUMNS] = { "ID",      "IMAGE",  "COMMAND",
                                                           "CREATED", "STATUS", "NAME" };
    nvb_auto_strv cells = { 0 };
    size_t widths[CONTAINER_COLUMNS] = { 0 };

    for (size_t i = 0; i < CONTAINER_COLUMNS; i++)
        nvb_strv_add(&cells, titles[i]);
    nvb_strv_copy(&cells, &rows->cells);
    for (size_t i = 0; i < cells.n; i++) {
        size_t columns = columns_of(cells.items[i]);
        size_t *width = &widths[i % CONTAINER_COLUMNS];

        *width = columns > *width ? columns : *width;
    }
    for (size_t i = 0; i < cells.n; i += CONTAINER_COLUMNS)
        print_row(&cells.items[i], widths, out);
}

void container_rows_clear(struct container_rows *rows)
{
    nvb_strv_clear(&rows->cells);
}
