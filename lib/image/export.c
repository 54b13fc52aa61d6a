/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/export.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const char *const form_names[] = {
    [NVB_EXPORT_ROOT] = "root",
    [NVB_EXPORT_PATH] = "path",
    [NVB_EXPORT_OCI] = "oci",
    [NVB_EXPORT_DOCKER] = "docker",
};

static struct nvb_json *what_to_json(const struct nvb_export *what)
{
    struct nvb_json *request = nvb_json_new_object();

    nvb_json_set_str(request, "image", what->image);
    nvb_json_set_str(request, "format", form_names[what->form]);
    if (what->upper)
        nvb_json_set_str(request, "upper", what->upper);
    nvb_json_set_str(request, "path", what->path);
    nvb_json_set_str(request, "as", what->as);
    nvb_json_set_bool(request, "follow", what->follows);
    return request;
}

bool nvb_image_export(const struct nvb_export *what, int fd, struct nvb_err *err)
{
    const struct nvb_fetch_watch watch = { .has_given = true, .given = fd };
    nvb_autoptr(nvb_json) request = what_to_json(what);
    nvb_autoptr(nvb_json) done = NULL;

    return nvb_fetcher_run("export", request, &watch, &done, err);
}

static void on_event(void *data, const char *name, const struct nvb_json *event)
{
    const char *text = nvb_json_get_str(event, "text");

    if (strcmp(name, "note") == 0 && text)
        nvb_strv_add(data, text);
}

/* Two at once, with a pipe between them. */
struct pair {
    struct nvb_fetcher *reader;
    struct nvb_fetcher *writer;
};

static bool begin(const struct nvb_json *what,
                  const struct nvb_json *where,
                  struct nvb_fetch_watch *from,
                  struct nvb_fetch_watch *to,
                  struct pair *out,
                  struct nvb_err *err)
{
    int ends[2] = { -1, -1 };
    bool ok = false;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot make a pipe");
    from->given = ends[1];
    to->given = ends[0];
    ok = nvb_fetcher_begin("export", what, from, &out->reader, err) &&
         nvb_fetcher_begin("place", where, to, &out->writer, err);
    (void)close(ends[0]);
    (void)close(ends[1]);
    return ok;
}

/* Either failure makes the other one fail. The reader's is the cause, unless it only found the pipe
 * closed. */
static bool end(struct pair *pair, struct nvb_err *err)
{
    nvb_autoptr(nvb_json) read = NULL;
    nvb_autoptr(nvb_json) written = NULL;
    nvb_auto_err of_reader = { 0 };
    nvb_auto_err of_writer = { 0 };
    bool has_written = nvb_fetcher_end(pair->writer, &written, &of_writer);
    bool has_read = nvb_fetcher_end(pair->reader, &read, &of_reader);
    struct nvb_err *cause =
        !has_read && (has_written || of_reader.sys_errno != EPIPE) ? &of_reader : &of_writer;

    if (has_read && has_written)
        return true;
    *err = *cause;
    *cause = (struct nvb_err){ 0 };
    return false;
}

bool nvb_image_export_files(const struct nvb_export *what,
                            const char *directory,
                            bool has_owners,
                            struct nvb_strv *out_notes,
                            struct nvb_err *err)
{
    nvb_autoptr(nvb_json) from = what_to_json(what);
    nvb_autoptr(nvb_json) to = nvb_json_new_object();
    struct nvb_fetch_watch watch_from = { .has_given = true };
    struct nvb_fetch_watch watch_to = { .event = on_event, .data = out_notes, .has_given = true };
    struct pair pair = { 0 };
    nvb_autoptr(nvb_json) ignored = NULL;
    nvb_auto_err second = { 0 };

    nvb_json_set_str(to, "path", directory);
    nvb_json_set_bool(to, "owners", has_owners);
    if (begin(from, to, &watch_from, &watch_to, &pair, err))
        return end(&pair, err);
    if (pair.reader)
        (void)nvb_fetcher_end(pair.reader, &ignored, &second);
    return false;
}
