/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "life/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "request/request_json.h"

enum {
    FORMAT = 1,
    RECORD_MAX = 16 << 20, /* command lines and environments are below 6 MB (execve(2)) */
};

static char *dup_text(const struct nvb_record *record)
{
    nvb_autoptr(nvb_json) json = nvb_json_new_object();

    nvb_json_set_u64(json, "format", FORMAT);
    nvb_json_set_str(json, "id", record->id);
    nvb_json_set_u64(json, "created_ns", record->created_ns);
    nvb_json_set(json, "request", nvb_request_to_json(record->request));
    return nvb_json_dup_text(json, true);
}

int nvb_record_open_dir(int containers_fd, const char *id)
{
    return openat(containers_fd, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

bool nvb_record_write(int containers_fd, const struct nvb_record *record, struct nvb_err *err)
{
    nvb_autofree char *text = dup_text(record);
    nvb_autoclose int dir_fd = -1;

    if (mkdirat(containers_fd, record->id, 0700) < 0 && errno != EEXIST)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot make a directory for the container");
    dir_fd = nvb_record_open_dir(containers_fd, record->id);
    if (dir_fd < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot open the container's directory");
    if (!nvb_write_file(dir_fd, NVB_RECORD_FILE, text, strlen(text), 0600, err))
        return nvb_while(err, "cannot write the container down");
    if (fsync(containers_fd) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot write the container down");
    return true;
}

static bool check_format(const struct nvb_json *json, const char *id, struct nvb_err *err)
{
    uint64_t format = 0;

    if (!nvb_json_read_u64(nvb_json_get(json, "format"), &format) || format == 0)
        return nvb_fail(err, NVB_D_RUN, NVB_E_IO, "the record of '%s' is damaged", id);
    if (format == FORMAT)
        return true;
    nvb_fail(err, NVB_D_RUN, NVB_E_UNSUPPORTED, "the record of '%s' has format %llu", id,
             (unsigned long long)format);
    return nvb_hint(err, "this version knows format %d: use the nvbind that made it", FORMAT);
}

bool nvb_record_read(int containers_fd,
                     const char *id,
                     struct nvb_record **out_record,
                     struct nvb_err *err)
{
    nvb_autofree char *path = nvb_xasprintf("%s/" NVB_RECORD_FILE, id);
    nvb_autofree char *text = NULL;
    nvb_autoptr(nvb_json) json = NULL;
    nvb_autoptr(nvb_record) record = nvb_xcalloc(1, sizeof(*record));
    size_t len = 0;

    if (containers_fd < 0)
        return nvb_fail(err, NVB_D_RUN, NVB_E_NOT_FOUND, "there is no container '%s'", id);
    (void)snprintf(record->id, sizeof(record->id), "%s", id);
    if (!nvb_read_file(containers_fd, path, RECORD_MAX, &text, &len, err) ||
        !nvb_json_parse(text, len, path, &json, err) || !check_format(json, id, err) ||
        !nvb_request_from_json(nvb_json_get(json, "request"), path, &record->request, err))
        return false;
    (void)nvb_json_read_u64(nvb_json_get(json, "created_ns"), &record->created_ns);
    *out_record = nvb_steal(&record);
    return true;
}

void nvb_record_free(struct nvb_record *record)
{
    if (record)
        nvb_request_free(record->request);
    free(record);
}

bool nvb_record_set_stopped(int dir_fd, bool is_stopped, struct nvb_err *err)
{
    nvb_autoclose int fd = -1;

    if (!is_stopped)
        return unlinkat(dir_fd, NVB_STOPPED_FILE, 0) == 0 || errno == ENOENT ||
               nvb_fail_errno(err, NVB_D_RUN, "cannot remove '" NVB_STOPPED_FILE "'");
    fd = openat(dir_fd, NVB_STOPPED_FILE, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    return fd >= 0 || nvb_fail_errno(err, NVB_D_RUN, "cannot write '" NVB_STOPPED_FILE "'");
}

static bool has(int dir_fd, const char *name)
{
    return faccessat(dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

bool nvb_record_is_stopped(int dir_fd)
{
    return has(dir_fd, NVB_STOPPED_FILE);
}

bool nvb_record_has_started(int dir_fd)
{
    return has(dir_fd, NVB_LOG_DIR);
}
