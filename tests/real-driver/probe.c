/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* probe - what run.sh asks about a root with a real driver:
 *   probe files ROOT    the driver's files as JSON, each library with what it needs
 *   probe time ROOT     how long finding them takes, in microseconds
 *   probe load ROOT     a cache of our own over /etc/ld.so.cache, then dlopen of each 64-bit soname */
#include <dlfcn.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <time.h>

#include "host/driver_files.h"
#include "host/elf_file.h"
#include "host/ldcache.h"

enum {
    ROUNDS = 301,
};

static struct nvb_json *needs_of(const struct nvb_host *host, const struct nvb_driver_file *file)
{
    nvb_autoclose int fd = nvb_open_in_root(host->root_fd, file->host_path, O_RDONLY);
    nvb_auto_elf elf = { 0 };
    nvb_auto_err err = { 0 };

    if (fd < 0 || !nvb_elf_read(fd, file->host_path, true, &elf, &err))
        return NULL;
    return nvb_json_new_strv(&elf.needed);
}

static bool print_files(const struct nvb_host *host, struct nvb_err *err)
{
    nvb_auto_driver_files files = { 0 };
    nvb_autoptr(nvb_json) json = NULL;

    if (!nvb_driver_files_find(host, &files, err))
        return false;
    json = nvb_driver_files_to_json(&files);
    for (size_t i = 0; i < files.n; i++) {
        if (files.items[i].machine) {
            nvb_json_set(nvb_json_at(nvb_json_get(json, "files"), i), "needed",
                         needs_of(host, &files.items[i]));
        }
    }
    nvb_json_print(json, stdout);
    return true;
}

static int by_size(const void *a, const void *b)
{
    long x = *(const long *)a;
    long y = *(const long *)b;

    return (x > y) - (x < y);
}

static bool print_time(const struct nvb_host *host, struct nvb_err *err)
{
    static long ns[ROUNDS];

    for (size_t i = 0; i < ROUNDS; i++) {
        nvb_auto_driver_files files = { 0 };
        struct timespec from;
        struct timespec to;

        (void)clock_gettime(CLOCK_MONOTONIC, &from);
        if (!nvb_driver_files_find(host, &files, err))
            return false;
        (void)clock_gettime(CLOCK_MONOTONIC, &to);
        ns[i] = (to.tv_sec - from.tv_sec) * 1000000000L + to.tv_nsec - from.tv_nsec;
        if (i == 0)
            printf("%zu files: first %ld us", files.n, ns[0] / 1000);
    }
    qsort(ns, ROUNDS, sizeof(ns[0]), by_size);
    printf(", median %ld us, p95 %ld us of %d\n", ns[ROUNDS / 2] / 1000,
           ns[ROUNDS * 95 / 100] / 1000, ROUNDS);
    return true;
}

struct entries {
    struct nvb_ldcache_entry *items; /* owned; their strings are borrowed but for paths */
    size_t n;
    struct nvb_strv paths;
};

static void add_entry(struct entries *e, const struct nvb_ldcache_entry *entry)
{
    e->items = nvb_xrealloc(e->items, e->n + 1, sizeof(*e->items));
    e->items[e->n++] = *entry;
}

/* The driver's first: of two with one soname the first wins. */
static void collect(const char *root,
                    const struct nvb_driver_files *files,
                    const struct nvb_ldcache *machine,
                    struct entries *out)
{
    for (size_t i = 0; i < files->n; i++) {
        const struct nvb_driver_file *f = &files->items[i];
        struct nvb_ldcache_entry entry = { .soname = f->soname };

        if (f->kind != NVB_DRIVER_LIBRARY || !f->soname)
            continue;
        entry.flags = nvb_ldcache_flags(f->machine, f->bits);
        nvb_strv_addf(&out->paths, "%s%s", root, f->host_path);
        entry.path = out->paths.items[out->paths.n - 1];
        add_entry(out, &entry);
    }
    for (size_t i = 0; i < machine->n; i++)
        add_entry(out, &machine->items[i]);
}

static bool bind_cache(const struct nvb_buf *bytes, struct nvb_err *err)
{
    char path[] = "/tmp/nvbind-cache-XXXXXX";
    nvb_autoclose int fd = mkostemp(path, O_CLOEXEC);
    bool ok = fd >= 0 && nvb_write_all(fd, bytes->data, bytes->len) && unshare(CLONE_NEWNS) == 0 &&
              mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
              mount(path, "/etc/ld.so.cache", NULL, MS_BIND, NULL) == 0;

    if (!ok)
        nvb_fail_errno(err, NVB_D_HOST, "cannot put a cache over /etc/ld.so.cache");
    if (fd >= 0)
        (void)unlink(path);
    return ok;
}

static void load_each(const struct nvb_driver_files *files)
{
    for (size_t i = 0; i < files->n; i++) {
        const struct nvb_driver_file *f = &files->items[i];

        if (f->kind != NVB_DRIVER_LIBRARY || f->bits != sizeof(void *) * 8 || !f->soname)
            continue;
        printf("%s %s\n", f->soname, dlopen(f->soname, RTLD_LAZY) ? "ok" : dlerror());
    }
}

static bool print_loads(const struct nvb_host *host, struct nvb_err *err)
{
    nvb_auto_driver_files files = { 0 };
    nvb_autoptr(nvb_host) own = NULL;
    nvb_auto_ldcache machine = { 0 };
    nvb_auto_buf bytes = { 0 };
    struct entries entries = { 0 };
    bool ok = nvb_driver_files_find(host, &files, err) && nvb_host_open("/", &own, err) &&
              nvb_ldcache_read(own, &machine, err);

    if (ok) {
        collect(host->root, &files, &machine, &entries);
        ok = nvb_ldcache_write(entries.items, entries.n, &bytes, err) && bind_cache(&bytes, err);
    }
    if (ok)
        load_each(&files);
    free(entries.items);
    nvb_strv_clear(&entries.paths);
    return ok;
}

int main(int argc, char **argv)
{
    nvb_autoptr(nvb_host) host = NULL;
    nvb_auto_err err = { 0 };
    bool ok = false;

    if (argc != 3) {
        (void)fprintf(stderr, "usage: probe files|time|load ROOT\n");
        return 2;
    }
    ok = nvb_host_open(argv[2], &host, &err);
    if (ok && strcmp(argv[1], "files") == 0) {
        ok = print_files(host, &err);
    } else if (ok && strcmp(argv[1], "time") == 0) {
        ok = print_time(host, &err);
    } else if (ok) {
        ok = print_loads(host, &err);
    }
    if (!ok)
        nvb_err_print(&err, "probe", stderr);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
