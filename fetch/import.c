/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* import.c - `nvbind-fetch import`: an image from a file or directory into the store.
 *
 *   {"path":"rootfs.tar.zst", "name":"app:1", "ref":"..", "platform":"linux/arm64",
 *    "changes":["CMD [\"/app\"]"]}                    all but path and name may be left out
 *                                                    "-" is descriptor NVB_FETCH_GIVEN
 *   "done": {"name","digest","layers","made"}
 *
 * A directory or an archive (packed or not) is an image's when it holds index.json and oci-layout,
 * or manifest.json; else it is a root file system. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "expand.h"
#include "image/fetcher.h"
#include "image/store_internal.h"
#include "image_build.h"
#include "packer.h"
#include "peek.h"
#include "rootfs_build.h"
#include "saved_image.h"
#include "word.h"

#define INPUT "/input"

enum {
    PARALLEL_MAX = 4,
};

enum from {
    FROM_FILE = 1,
    FROM_PACKER, /* a directory, as a stream */
    FROM_LAYOUT, /* a directory, visible in the jail */
};

struct import {
    enum from from;
    int fd;     /* of the file or the stream */
    char *path; /* owned, as the others */
    char *familiar;
    struct nvb_reference reference;
    struct saved_wish wish;
    char *ref;
    char *platform_text;             /* what wish.platform borrows from, or NULL */
    struct nvb_image_config *config; /* of a root file system */
};

static bool read_changes(struct import *import, const struct nvb_json *request, struct nvb_err *err)
{
    const struct nvb_json *changes = nvb_json_get(request, "changes");

    for (size_t i = 0; i < nvb_json_length(changes); i++) {
        const char *line = nvb_json_str(nvb_json_at(changes, i));

        if (!nvb_compose_change(import->config, line ? line : "", err))
            return false;
    }
    return true;
}

static bool read_request(struct import *import, const struct nvb_json *request, struct nvb_err *err)
{
    const char *path = nvb_json_get_str(request, "path");
    const char *name = nvb_json_get_str(request, "name");
    const char *ref = nvb_json_get_str(request, "ref");
    const char *platform = nvb_json_get_str(request, "platform");
    struct nvb_platform *p = &import->wish.platform;

    if (!path || !name)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "no file or no name is given");
    *p = nvb_platform_here();
    if ((platform && !nvb_platform_parse(platform, p, &import->platform_text, err)) ||
        !nvb_reference_parse(name, &import->reference, err))
        return false;
    if (import->reference.digest)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "'%s' has a digest: give a name", name);
    import->path = nvb_xstrdup(path);
    import->familiar = nvb_reference_dup_familiar(&import->reference);
    import->ref = ref ? nvb_xstrdup(ref) : NULL;
    import->wish.ref = import->ref;
    import->config = nvb_xcalloc(1, sizeof(*import->config));
    import->config->os = nvb_xstrdup(p->os);
    import->config->arch = nvb_xstrdup(p->arch);
    import->config->variant = *p->variant ? nvb_xstrdup(p->variant) : NULL;
    return read_changes(import, request, err);
}

/* Root's files are nothing that the jail's ids could read: they come as a stream. */
static bool
open_directory(struct import *import, int take_fd, struct jail *jail, struct nvb_err *err)
{
    nvb_autoptr(layout) layout =
        layout_new_directory(fcntl(take_fd, F_DUPFD_CLOEXEC, 3), import->path);

    if (saved_image_is_one(layout) && jail->ids.kind != NVB_IDS_RANGE) {
        import->from = FROM_LAYOUT;
        jail_add(jail, take_fd, INPUT, false);
        return true;
    }
    import->from = FROM_PACKER;
    return packer_start(take_fd, import->path, &jail->ids, &import->fd, err);
}

static bool
prepare(void *state, const struct nvb_json *request, struct jail *jail, struct nvb_err *err)
{
    struct import *import = state;
    struct stat st;
    int fd = -1;

    if (!read_request(import, request, err))
        return false;
    fd = strcmp(import->path, "-") == 0 ? fcntl(NVB_FETCH_GIVEN, F_DUPFD_CLOEXEC, 3)
                                        : open(import->path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0) {
        nvb_fail_errno(err, NVB_D_IMAGE, "cannot open '%s'", import->path);
        return false;
    }
    if (S_ISDIR(st.st_mode))
        return open_directory(import, fd, jail, err);
    import->from = FROM_FILE;
    import->fd = fd;
    return true;
}

/* An import inside of the jail. */
struct task {
    struct import *import;
    const struct nvb_store *store;
    struct nvb_work *work;
    struct report *report;
    char digest[NVB_DIGEST_SIZE];
    size_t n_layers;
    size_t n_made;
};

/* Threads that take the next layer that is not there, until one fails. */
struct crew {
    const struct layout *layout;
    const struct saved_image *saved;
    struct image_build *build;
    struct report *report;
    atomic_size_t next;
    atomic_size_t n_made;
    atomic_bool has_failed;
    pthread_mutex_t mutex;
    struct nvb_err *err; /* of the first that failed; under the mutex */
};

static bool make_layer(struct crew *crew, size_t layer, struct nvb_err *err)
{
    nvb_autoptr(layout_file) file = NULL;
    struct source source;

    if (!image_build_needs(crew->build, layer))
        return true;
    if (!layout_open_file(crew->layout, crew->saved->layers.items[layer], &file, err))
        return false;
    source = layout_file_source(file);
    if (!image_build_layer(crew->build, layer, &source, err))
        return false;
    atomic_fetch_add(&crew->n_made, 1);
    report_layer(crew->report, "layer", layer);
    return true;
}

static void *run_crew(void *data)
{
    struct crew *crew = data;

    while (!atomic_load(&crew->has_failed)) {
        size_t layer = atomic_fetch_add(&crew->next, 1);
        nvb_auto_err err = { 0 };

        if (layer >= crew->saved->layers.n)
            break;
        if (make_layer(crew, layer, &err))
            continue;
        (void)pthread_mutex_lock(&crew->mutex);
        if (!atomic_exchange(&crew->has_failed, true)) {
            *crew->err = err;
            err = (struct nvb_err){ 0 };
        }
        (void)pthread_mutex_unlock(&crew->mutex);
    }
    return NULL;
}

static size_t count_threads(size_t n_layers)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    size_t n_threads = n < 1 ? 1 : n > PARALLEL_MAX ? PARALLEL_MAX : (size_t)n;

    return n_threads < n_layers ? n_threads : n_layers;
}

static bool make_layers(struct crew *crew, struct nvb_err *err)
{
    pthread_t threads[PARALLEL_MAX];
    size_t n_threads = count_threads(crew->saved->layers.n);
    size_t n_started = 0;

    crew->err = err;
    (void)pthread_mutex_init(&crew->mutex, NULL);
    while (n_started + 1 < n_threads &&
           pthread_create(&threads[n_started], NULL, run_crew, crew) == 0)
        n_started++;
    (void)run_crew(crew);
    for (size_t i = 0; i < n_started; i++)
        (void)pthread_join(threads[i], NULL);
    (void)pthread_mutex_destroy(&crew->mutex);
    return !atomic_load(&crew->has_failed);
}

static void tell_image(const struct task *task, struct image_build *build)
{
    const struct nvb_manifest *manifest = image_build_get(build)->manifest;
    struct nvb_json *event = nvb_json_new_object();
    struct nvb_json *list = nvb_json_new_array();

    for (size_t i = 0; i < manifest->n_layers; i++) {
        struct nvb_json *layer = nvb_json_new_object();

        nvb_json_set_str(layer, "digest", manifest->layers[i].digest);
        nvb_json_set_u64(layer, "size", manifest->layers[i].size_bytes);
        nvb_json_set_bool(layer, "have", !image_build_needs(build, i));
        nvb_json_append(list, layer);
    }
    nvb_json_set_str(event, "event", "image");
    nvb_json_set_str(event, "name", task->import->familiar);
    nvb_json_set(event, "layers", list);
    report_send(task->report, event);
}

static void watch_progress(void *data, size_t layer, uint64_t n_in, uint64_t n_out)
{
    report_progress(data, layer, n_in, n_out);
}

static void watch_waiting(void *data, size_t layer)
{
    report_layer(data, "waiting", layer);
}

static bool import_layout(struct task *task, const struct layout *layout, struct nvb_err *err)
{
    const struct build_watch watch = { watch_progress, watch_waiting, task->report };
    auto_saved_image saved = { 0 };
    nvb_autoptr(image_build) build = NULL;
    struct crew crew = { .layout = layout, .saved = &saved, .report = task->report };
    nvb_auto_strv notes = { 0 };

    if (!saved_image_find(layout, &task->import->wish, &saved, err) ||
        !image_build_new(task->store, task->work, task->import->familiar, saved.manifest,
                         saved.manifest_len, saved.config, saved.config_len, &build, err))
        return false;
    if (saved.is_loose)
        image_build_set_loose(build);
    image_build_watch(build, &watch);
    tell_image(task, build);
    crew.build = build;
    if (!make_layers(&crew, err) ||
        !image_build_finish(build, &task->import->reference, &notes, err))
        return false;
    for (size_t i = 0; i < notes.n; i++)
        report_note(task->report, notes.items[i]);
    memcpy(task->digest, image_build_get(build)->digest, NVB_DIGEST_SIZE);
    task->n_layers = saved.layers.n;
    task->n_made = atomic_load(&crew.n_made);
    return true;
}

static bool import_rootfs(struct task *task, const struct source *archive, struct nvb_err *err)
{
    struct import *import = task->import;

    task->n_layers = task->n_made = 1;
    if (import->wish.ref)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID,
                        "'%s' is a root file system and holds no image named '%s'", import->path,
                        import->wish.ref);
    return rootfs_build(task->store, task->work, import->familiar, &import->reference,
                        import->config, archive, task->report, task->digest, err);
}

/* A plain tar file that can be read at any place: where everything stands is found at once. */
static bool open_plain(struct task *task, int fd, struct layout **out)
{
    char magic[6] = "";
    nvb_auto_err ignored = { 0 };
    int own_fd = -1;

    if (pread(fd, magic, 5, 257) != 5 || strcmp(magic, "ustar") != 0)
        return false;
    own_fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    return own_fd >= 0 && layout_open_archive(own_fd, task->import->path, out, &ignored) &&
           saved_image_is_one(*out);
}

/* The first name in an archive of an image: blobs/, oci-layout, index.json, manifest.json,
 * repositories, or what begins with a digest. */
static bool is_image_name(const char *name)
{
    static const char *const names[] = { "blobs",        "blobs/",        "oci-layout",
                                         "index.json",   "manifest.json", "repositories",
                                         "blobs/sha256/" };
    const char *plain = nvb_has_prefix(name, "./") ? name + 2 : name;
    const char *hex = nvb_has_prefix(plain, "sha256:") ? plain + strlen("sha256:") : plain;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(plain, names[i]) == 0)
            return true;
    }
    return nvb_has_prefix(plain, "blobs/sha256/") ||
           strspn(hex, "0123456789abcdef") == NVB_DIGEST_HEX;
}

static bool looks_like_image(const struct peek *peek)
{
    struct archive *archive = archive_read_new();
    struct archive_entry *entry = NULL;
    size_t len = 0;
    const void *head = peek_bytes(peek, &len);
    bool is_image = false;

    if (archive_read_support_format_tar(archive) == ARCHIVE_OK &&
        archive_read_open_memory(archive, head, len) == ARCHIVE_OK) {
        int done = archive_read_next_header(archive, &entry);

        /* skopeo writes the directories first: "./" says nothing */
        while ((done == ARCHIVE_OK || done == ARCHIVE_WARN) &&
               strcmp(archive_entry_pathname(entry), "./") == 0)
            done = archive_read_next_header(archive, &entry);
        is_image = (done == ARCHIVE_OK || done == ARCHIVE_WARN) &&
                   is_image_name(archive_entry_pathname(entry));
    }
    (void)archive_read_free(archive);
    return is_image;
}

/* An archive that comes in one direction only is kept until it is read. */
static bool spool(struct task *task, const struct source *from, int *out_fd, struct nvb_err *err)
{
    nvb_autoclose int fd = openat(nvb_work_fd(task->work), "spool",
                                  O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    const void *bytes = NULL;
    size_t len = 0;

    if (fd < 0)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot make a file in the store");
    do {
        if (!from->next(from->data, &bytes, &len, err))
            return false;
        if (!nvb_write_all(fd, bytes, len))
            return nvb_fail_errno(err, NVB_D_IMAGE, "cannot keep the archive in the store");
    } while (len > 0);
    *out_fd = nvb_steal_fd(&fd);
    return true;
}

static bool import_stream(struct task *task, const struct source *packed, struct nvb_err *err)
{
    nvb_autoptr(expand) expand = expand_new(packed, "it");
    const struct source expanded = expand_get(expand);
    nvb_autoptr(peek) peek = NULL;
    nvb_autoptr(layout) layout = NULL;
    struct source archive;
    int fd = -1;

    if (!peek_new(&expanded, &peek, err))
        return false;
    archive = peek_get(peek);
    if (!looks_like_image(peek))
        return import_rootfs(task, &archive, err);
    return spool(task, &archive, &fd, err) &&
           layout_open_archive(fd, task->import->path, &layout, err) &&
           import_layout(task, layout, err);
}

static bool import_file(struct task *task, struct nvb_err *err)
{
    nvb_autoptr(layout) layout = NULL;
    nvb_autoptr(file_source) file = NULL;
    struct source source;

    if (open_plain(task, task->import->fd, &layout))
        return import_layout(task, layout, err);
    file = file_source_new(task->import->fd, task->import->path);
    source = file_source_get(file);
    return import_stream(task, &source, err);
}

static bool import_directory(struct task *task, struct nvb_err *err)
{
    nvb_autoptr(layout) layout = NULL;
    int fd = open(INPUT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot open '%s'", task->import->path);
    layout = layout_new_directory(fd, task->import->path);
    return import_layout(task, layout, err);
}

static bool import_packed(struct task *task, struct nvb_err *err)
{
    nvb_autoptr(packer_source) packer = packer_source_new(task->import->fd);
    const struct source source = packer_source_get(packer);

    return import_stream(task, &source, err);
}

static bool run(struct task *task, struct nvb_err *err)
{
    switch (task->import->from) {
    case FROM_FILE:
        return import_file(task, err);
    case FROM_PACKER:
        return import_packed(task, err);
    case FROM_LAYOUT:
        return import_directory(task, err);
    }
    return false;
}

static struct nvb_json *done_to_json(const struct task *task)
{
    struct nvb_json *done = nvb_json_new_object();
    nvb_autofree char *name = nvb_reference_dup_text(&task->import->reference);

    nvb_json_set_str(done, "name", name);
    nvb_json_set_str(done, "digest", task->digest);
    nvb_json_set_u64(done, "layers", task->n_layers);
    nvb_json_set_u64(done, "made", task->n_made);
    return done;
}

static bool
work(void *state, struct report *report, struct nvb_json **out_done, struct nvb_err *err)
{
    nvb_autoptr(nvb_store) store = NULL;
    nvb_autoptr(nvb_work) area = NULL;
    struct task task = { .import = state, .report = report };

    if (!nvb_store_open("/store", NVB_STORE_WRITE, &store, err))
        return false;
    nvb_work_sweep(store);
    if (!nvb_work_begin(store, &area, err))
        return false;
    task.store = store;
    task.work = area;
    if (!run(&task, err))
        return nvb_while(err, "cannot import '%s'", task.import->path);
    *out_done = done_to_json(&task);
    return true;
}

const struct word word_import = {
    .name = "import",
    .state_size = sizeof(struct import),
    .makes_layers = true,
    .prepare = prepare,
    .work = work,
};
