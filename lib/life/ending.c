/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "life/ending.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "life/places.h"

enum {
    ENDING_MAX = 65536,
};

static unsigned read_natural(const struct nvb_json *json, const char *key)
{
    uint64_t number = 0;

    return nvb_json_read_u64(nvb_json_get(json, key), &number) && number <= INT32_MAX
               ? (unsigned)number
               : 0;
}

bool nvb_ending_read(int dir_fd, struct nvb_ending *out)
{
    nvb_autofree char *text = NULL;
    nvb_autoptr(nvb_json) json = NULL;
    nvb_auto_err ignored = { 0 };
    const char *error = NULL;
    uint64_t status = 0;
    size_t len = 0;

    *out = (struct nvb_ending){ 0 };
    if (!nvb_read_file(dir_fd, NVB_EXIT_FILE, ENDING_MAX, &text, &len, &ignored) ||
        !nvb_json_parse(text, len, NVB_EXIT_FILE, &json, &ignored) || !nvb_json_is_object(json))
        return false;
    out->is_known = nvb_json_read_u64(nvb_json_get(json, "status"), &status);
    out->status = (unsigned)status;
    (void)nvb_json_read_u64(nvb_json_get(json, "started_ns"), &out->started_ns);
    (void)nvb_json_read_u64(nvb_json_get(json, "finished_ns"), &out->finished_ns);
    out->count.failures = read_natural(json, "failures");
    out->count.delay_ms = read_natural(json, "delay_ms");
    error = nvb_json_get_str(json, "error");
    out->error = error ? nvb_xstrdup(error) : NULL;
    return true;
}

bool nvb_ending_write(int dir_fd, const struct nvb_ending *ending, struct nvb_err *err)
{
    char line[NVB_ENDING_TEXT];
    size_t len = nvb_ending_print(ending, line);
    nvb_autoptr(nvb_json) json = NULL;
    nvb_autofree char *text = NULL;

    if (!nvb_json_parse(line, len, NVB_EXIT_FILE, &json, err))
        return false;
    if (ending->error) {
        nvb_autofree char *error = nvb_xstrdup(ending->error);

        nvb_make_utf8(error);
        nvb_json_set_str(json, "error", error);
    }
    text = nvb_json_dup_text(json, false);
    return nvb_write_file(dir_fd, NVB_EXIT_FILE, text, strlen(text), 0600, err) ||
           nvb_while(err, "cannot write down how the container ended");
}

void nvb_ending_clear(struct nvb_ending *ending)
{
    free(ending->error);
    *ending = (struct nvb_ending){ 0 };
}
