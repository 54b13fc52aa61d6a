/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "life/start_report.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"

enum {
    REPORT_MAX = 1 << 20,
};

static void append(struct nvb_json *array, const char *text)
{
    nvb_autofree char *copy = nvb_xstrdup(text);

    nvb_make_utf8(copy); /* a path may be anything */
    nvb_json_append(array, nvb_json_new_str(copy));
}

static void send_json(int fd, const struct nvb_json *json)
{
    nvb_autofree char *text = nvb_json_dup_text(json, false);

    (void)nvb_write_all(fd, text,
                        strlen(text)); /* whoever asked may be gone: it runs all the same */
}

void nvb_start_report_success(int fd, const struct nvb_strv *warnings)
{
    nvb_autoptr(nvb_json) json = nvb_json_new_object();
    struct nvb_json *array = nvb_json_new_array();

    for (size_t i = 0; i < warnings->n; i++)
        append(array, warnings->items[i]);
    nvb_json_set(json, "warnings", array);
    send_json(fd, json);
}

void nvb_start_report_failure(int fd, const struct nvb_err *err)
{
    nvb_autoptr(nvb_json) json = nvb_json_new_object();
    struct nvb_json *lines = nvb_json_new_array();
    nvb_autofree char *hint = err->hint ? nvb_xstrdup(err->hint) : NULL;

    nvb_json_set_u64(json, "domain", err->domain);
    nvb_json_set_u64(json, "kind", err->kind);
    nvb_json_set_i64(json, "errno", err->sys_errno);
    for (unsigned i = 0; i < err->n_lines; i++)
        append(lines, err->lines[i]);
    nvb_json_set(json, "lines", lines);
    if (hint) {
        nvb_make_utf8(hint);
        nvb_json_set_str(json, "hint", hint);
    }
    send_json(fd, json);
}

static bool fail_as_told(const struct nvb_json *json, struct nvb_err *err)
{
    const struct nvb_json *lines = nvb_json_get(json, "lines");
    const char *hint = nvb_json_get_str(json, "hint");
    uint64_t domain = 0;
    uint64_t kind = 0;
    uint64_t sys_errno = 0;

    (void)nvb_json_read_u64(nvb_json_get(json, "domain"), &domain);
    (void)nvb_json_read_u64(nvb_json_get(json, "kind"), &kind);
    (void)nvb_json_read_u64(nvb_json_get(json, "errno"), &sys_errno);
    nvb_fail(err, (enum nvb_domain)domain, (enum nvb_kind)kind, "%s",
             nvb_json_str(nvb_json_at(lines, 0)));
    err->sys_errno = (int)sys_errno;
    for (size_t i = 1; i < nvb_json_length(lines); i++)
        nvb_while(err, "%s", nvb_json_str(nvb_json_at(lines, i)));
    return hint ? nvb_hint(err, "%s", hint) : false;
}

/* The line's end says that it is whole: the pipe itself stays open until the exec. */
static void read_line(int fd, struct nvb_buf *out)
{
    ssize_t len = 0;

    do {
        nvb_buf_reserve(out, 4096);
        len = read(fd, out->data + out->len, 4096);
        out->len += len > 0 ? (size_t)len : 0;
        out->data[out->len] = '\0';
    } while ((len > 0 || (len < 0 && errno == EINTR)) && out->len < REPORT_MAX &&
             !memchr(out->data, '\n', out->len));
}

bool nvb_start_report_read(int fd, struct nvb_strv *out_warnings, struct nvb_err *err)
{
    nvb_auto_buf line = { 0 };
    nvb_autoptr(nvb_json) json = NULL;
    const struct nvb_json *warnings = NULL;
    nvb_auto_err ignored = { 0 };

    read_line(fd, &line);
    if (line.len == 0 || !nvb_json_parse(line.data, line.len, "report", &json, &ignored)) {
        nvb_fail(err, NVB_D_RUN, NVB_E_IO, "the process that starts the container is gone");
        return nvb_hint(err, "try again; the kernel's log tells if it was short of memory");
    }
    if (nvb_json_length(nvb_json_get(json, "lines")) > 0)
        return fail_as_told(json, err);
    warnings = nvb_json_get(json, "warnings");
    for (size_t i = 0; i < nvb_json_length(warnings); i++)
        nvb_strv_add(out_warnings, nvb_json_str(nvb_json_at(warnings, i)));
    return true;
}
