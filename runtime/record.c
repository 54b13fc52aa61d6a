/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

#include "base/dirs.h"
#include "base/file.h"
#include "group.h"

enum {
    CONFIG_SIZE_MAX = 16 << 20,
    ID_MAX = 1024,
};

char *record_dup_root(const char *root)
{
    nvb_autofree char *run = NULL;

    if (root)
        return nvb_xstrdup(root);
    run = nvb_dir_dup_run();
    return nvb_xasprintf("%s-runtime", run);
}

bool record_check_id(const char *id, struct nvb_err *err)
{
    static const char legal[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-._:@";
    size_t len = strlen(id);

    if (len > 0 && len <= ID_MAX && id[0] != '.' && strspn(id, legal) == len)
        return true;
    nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "'%s' cannot be the id of a container", id);
    return nvb_hint(err, "use letters, digits and the characters +-._:@, no dot in front");
}

static struct record *new_record(const char *root, const char *id)
{
    struct record *record = nvb_xcalloc(1, sizeof(*record));

    record->dir_fd = -1;
    record->root = nvb_xstrdup(root);
    record->id = nvb_xstrdup(id);
    return record;
}

static bool open_dir(struct record *record, struct nvb_err *err)
{
    nvb_autofree char *path = nvb_xasprintf("%s/%s", record->root, record->id);

    record->dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (record->dir_fd >= 0)
        return true;
    if (errno == ENOENT)
        return nvb_fail(err, NVB_D_RUN, NVB_E_NOT_FOUND, "container '%s' does not exist",
                        record->id);
    return nvb_fail_errno(err, NVB_D_RUN, "cannot open '%s'", path);
}

bool record_create(const char *root, const char *id, struct record **out, struct nvb_err *err)
{
    nvb_autoptr(record) record = new_record(root, id);
    nvb_autofree char *path = nvb_xasprintf("%s/%s", root, id);
    struct timespec now = { 0 };
    struct tm tm = { 0 };
    char text[40] = "";

    if (!record_check_id(id, err) || !nvb_mkdirs(root, err))
        return false;
    if (mkdir(path, 0700) < 0) {
        if (errno == EEXIST)
            return nvb_fail(err, NVB_D_RUN, NVB_E_CONFLICT, "container '%s' exists already", id);
        return nvb_fail_errno(err, NVB_D_RUN, "cannot make '%s'", path);
    }
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (gmtime_r(&now.tv_sec, &tm))
        (void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
    record->created = nvb_xasprintf("%s.%09ldZ", text, now.tv_nsec);
    if (!open_dir(record, err)) {
        (void)rmdir(path);
        return false;
    }
    *out = nvb_steal(&record);
    return true;
}

static void read_strings(const struct nvb_json *array, struct nvb_strv *out)
{
    for (size_t i = 0; i < nvb_json_length(array); i++) {
        const char *text = nvb_json_str(nvb_json_at(array, i));

        if (text)
            nvb_strv_add(out, text);
    }
}

static char *dup_or_null(const char *text)
{
    return text ? nvb_xstrdup(text) : NULL;
}

bool record_open(const char *root, const char *id, struct record **out, struct nvb_err *err)
{
    nvb_autoptr(record) record = new_record(root, id);
    nvb_autoptr(nvb_json) json = NULL;
    nvb_autofree char *text = NULL;
    struct nvb_json *annotations = NULL;
    uint64_t pid = 0;
    size_t len = 0;

    if (!record_check_id(id, err) || !open_dir(record, err))
        return false;
    if (faccessat(record->dir_fd, "container.json", F_OK, 0) < 0)
        return nvb_fail(err, NVB_D_RUN, NVB_E_NOT_FOUND, "container '%s' does not exist", id);
    if (!nvb_read_file(record->dir_fd, "container.json", CONFIG_SIZE_MAX, &text, &len, err) ||
        !nvb_json_parse(text, len, "container.json", &json, err))
        return false;
    record->bundle = dup_or_null(nvb_json_get_str(json, "bundle"));
    record->created = dup_or_null(nvb_json_get_str(json, "created"));
    (void)nvb_json_read_u64(nvb_json_get(json, "pid"), &pid);
    record->pid = (pid_t)pid;
    (void)nvb_json_read_u64(nvb_json_get(json, "startTime"), &record->start_time);
    read_strings(nvb_json_get(json, "cgroups"), &record->cgroups);
    annotations = nvb_json_get(json, "annotations");
    record->annotations = annotations ? nvb_json_ref(annotations) : NULL;
    *out = nvb_steal(&record);
    return true;
}

bool record_save(const struct record *record, struct nvb_err *err)
{
    nvb_autoptr(nvb_json) json = nvb_json_new_object();
    nvb_autofree char *text = NULL;

    nvb_json_set_str(json, "bundle", record->bundle);
    nvb_json_set_str(json, "created", record->created);
    nvb_json_set_u64(json, "pid", (uint64_t)record->pid);
    nvb_json_set_u64(json, "startTime", record->start_time);
    nvb_json_set(json, "cgroups", nvb_json_new_strv(&record->cgroups));
    if (record->annotations)
        nvb_json_set(json, "annotations", nvb_json_ref(record->annotations));
    text = nvb_json_dup_text(json, true);
    return nvb_write_file(record->dir_fd, "container.json", text, strlen(text), 0600, err);
}

bool record_save_config(const struct record *record,
                        const struct nvb_json *config,
                        struct nvb_err *err)
{
    nvb_autofree char *text = nvb_json_dup_text(config, false);

    return nvb_write_file(record->dir_fd, "config.json", text, strlen(text), 0600, err);
}

bool record_load_config(const struct record *record, struct spec **out, struct nvb_err *err)
{
    nvb_autofree char *text = NULL;
    size_t len = 0;

    return nvb_read_file(record->dir_fd, "config.json", CONFIG_SIZE_MAX, &text, &len, err) &&
           spec_parse(text, len, out, err);
}

void record_remove(const struct record *record)
{
    static const char *const files[] = { "start", "config.json", "container.json" };
    nvb_autofree char *path = nvb_xasprintf("%s/%s", record->root, record->id);

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        (void)unlinkat(record->dir_fd, files[i], 0);
    (void)rmdir(path);
}

void record_free(struct record *record)
{
    if (!record)
        return;
    if (record->dir_fd >= 0)
        (void)close(record->dir_fd);
    free(record->root);
    free(record->id);
    free(record->bundle);
    free(record->created);
    nvb_strv_clear(&record->cgroups);
    nvb_json_free(record->annotations);
    free(record);
}

bool record_list(const char *root, struct nvb_strv *out_ids, struct nvb_err *err)
{
    nvb_autoclose int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return fd < 0 || nvb_list_in_root(fd, ".", out_ids, err);
}

/* Fields 3 and 22 of /proc/PID/stat (proc(5)), behind the command name, which may hold anything. */
uint64_t record_start_time(pid_t pid)
{
    nvb_autofree char *path = nvb_xasprintf("/proc/%d/stat", (int)pid);
    nvb_autofree char *text = NULL;
    nvb_auto_err ignored = { 0 };
    char *p = NULL;

    if (!nvb_read_file(AT_FDCWD, path, 4096, &text, NULL, &ignored))
        return 0;
    p = strrchr(text, ')');
    if (!p || !p[1] || strchr("ZX", p[2]))
        return 0;
    for (int field = 2; p && field < 22; field++)
        p = strchr(p + 1, ' ');
    return p ? strtoull(p + 1, NULL, 10) : 0;
}

enum record_status record_status(const struct record *record)
{
    uint64_t start_time = record->pid > 0 ? record_start_time(record->pid) : 0;

    if (record->pid == 0)
        return RECORD_CREATING;
    if (start_time == 0 || start_time != record->start_time)
        return RECORD_STOPPED;
    if (faccessat(record->dir_fd, "start", F_OK, 0) == 0)
        return RECORD_CREATED;
    return group_is_frozen(&record->cgroups) ? RECORD_PAUSED : RECORD_RUNNING;
}

const char *record_status_name(enum record_status status)
{
    static const char *const names[] = {
        [RECORD_CREATING] = "creating", [RECORD_CREATED] = "created", [RECORD_RUNNING] = "running",
        [RECORD_PAUSED] = "paused",     [RECORD_STOPPED] = "stopped",
    };

    return names[status];
}

struct nvb_json *record_to_state(const struct record *record, enum record_status status)
{
    struct nvb_json *json = nvb_json_new_object();
    bool has_process = status != RECORD_STOPPED && record->pid > 0;

    nvb_json_set_str(json, "ociVersion", "1.2.0");
    nvb_json_set_str(json, "id", record->id);
    nvb_json_set_str(json, "status", record_status_name(status));
    nvb_json_set_u64(json, "pid", has_process ? (uint64_t)record->pid : 0);
    nvb_json_set_str(json, "bundle", record->bundle ? record->bundle : "");
    nvb_json_set(json, "annotations",
                 record->annotations ? nvb_json_ref(record->annotations) : nvb_json_new_object());
    nvb_json_set_str(json, "created", record->created ? record->created : "");
    return json;
}
