/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "log_lines.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "duration.h"

static void print_json(const struct nvb_log_part *part)
{
    nvb_autoptr(nvb_json) json = nvb_json_new_object();
    nvb_autofree char *time = moment_dup_text(part->time_us * 1000);
    nvb_autofree char *text = nvb_xcalloc(part->len + 1, 1);
    nvb_autofree char *line = NULL;

    for (size_t i = 0; i < part->len; i++)
        text[i] = part->text[i] ? part->text[i] : '?';
    nvb_make_utf8(text);
    nvb_json_set_str(json, "time", time);
    nvb_json_set_str(json, "stream", part->is_err ? "stderr" : "stdout");
    nvb_json_set_str(json, "text", text);
    if (!part->is_end)
        nvb_json_set_bool(json, "partial", true);
    line = nvb_json_dup_text(json, false);
    (void)fputs(line, stdout);
}

/* As the container wrote it: bytes, not words of ours. */
void log_lines_print(void *data, const struct nvb_log_part *part)
{
    const struct log_lines *lines = data;
    FILE *out = part->is_err ? stderr : stdout;

    if (lines->as_json) {
        print_json(part);
        return;
    }
    if (lines->has_times && part->is_begin) {
        nvb_autofree char *time = moment_dup_text(part->time_us * 1000);

        (void)fprintf(out, "%s ", time);
    }
    (void)fwrite(part->text, 1, part->len, out);
    if (part->is_end)
        (void)fputc('\n', out);
}
