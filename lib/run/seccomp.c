/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/seccomp.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/file.h"
#include "seccomp_rules_hash.h" /* made by the build */

/* "strict-", "strict+3-" */
static char *dup_prefix(enum nvb_sandbox_profile profile, unsigned openings)
{
    const char *word = profile == NVB_SANDBOX_STEAM ? "steam" : "strict";

    return openings ? nvb_xasprintf("%s+%x-", word, openings) : nvb_xasprintf("%s-", word);
}

static char *dup_cache_path(const char *prefix)
{
    nvb_autofree char *cache = nvb_dir_dup_cache();
    struct utsname uts;

    if (!cache || uname(&uts) < 0)
        return NULL;
    return nvb_xasprintf("%s/seccomp/%s" NVB_SECCOMP_RULES_HASH "-%s.filter", cache, prefix,
                         uts.machine);
}

/* Of the file's name and of every instruction. Not against whoever may write our files, but a torn
 * file, or a weaker filter under this name, shall cost a new one and not the start or the sandbox. */
static uint64_t sum_of(const char *path, const struct sock_filter *filter, size_t n)
{
    uint64_t sum = n;

    for (const char *p = strrchr(path, '/'); *p; p++)
        sum = (sum ^ (unsigned char)*p) * 0x100000001b3U;
    for (size_t i = 0; i < n; i++) {
        uint64_t bits = 0;

        memcpy(&bits, &filter[i], sizeof(bits));
        sum = (sum ^ bits) * 0x9e3779b97f4a7c15U;
        sum ^= sum >> 29;
    }
    return sum;
}

/* The program and its sum behind it. Only a file of our own that nobody else may write: whoever
 * writes it could disarm us. */
static bool read_cache(const char *path, struct sock_fprog *out_program)
{
    nvb_autoclose int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct sock_filter *filter = NULL;
    uint64_t wanted = 0;
    struct stat st;
    size_t n = 0;

    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
        (st.st_mode & (S_IWGRP | S_IWOTH)))
        return false;
    n = (size_t)st.st_size / sizeof(*filter);
    if (n < 2 || n > NVB_SECCOMP_PROGRAM_MAX + 1 || (size_t)st.st_size % sizeof(*filter))
        return false;
    filter = nvb_xcalloc(n--, sizeof(*filter));
    if (read(fd, filter, (size_t)st.st_size) == st.st_size)
        memcpy(&wanted, &filter[n], sizeof(wanted));
    if (wanted == 0 || wanted != sum_of(path, filter, n)) {
        free(filter);
        return false;
    }
    *out_program = (struct sock_fprog){ .len = (unsigned short)n, .filter = filter };
    return true;
}

/* What older rules left: "strict-" of another hash. */
static void remove_older(const char *directory, const char *keep, const char *prefix)
{
    nvb_auto_strv names = { 0 };
    nvb_auto_err ignored = { 0 };
    nvb_autoclose int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 || !nvb_list_in_root(fd, ".", &names, &ignored))
        return;
    for (size_t i = 0; i < names.n; i++) {
        if (nvb_has_prefix(names.items[i], prefix) && strcmp(names.items[i], keep) != 0)
            (void)unlinkat(fd, names.items[i], 0);
    }
}

/* A cache that cannot be written costs time, not safety. */
static void write_cache(const char *path, const struct sock_fprog *program, const char *prefix)
{
    const char *name = strrchr(path, '/') + 1;
    nvb_autofree char *directory = nvb_xstrndup(path, (size_t)(name - path) - 1);
    uint64_t sum = sum_of(path, program->filter, program->len);
    nvb_auto_err ignored = { 0 };
    nvb_auto_buf text = { 0 };

    nvb_buf_add(&text, program->filter, program->len * sizeof(*program->filter));
    nvb_buf_add(&text, &sum, sizeof(sum));
    if (nvb_mkdirs(directory, &ignored) &&
        nvb_write_file(AT_FDCWD, path, text.data, text.len, 0600, &ignored))
        remove_older(directory, name, prefix);
}

bool nvb_seccomp_load(enum nvb_sandbox_profile profile,
                      unsigned openings,
                      struct sock_fprog *out_program,
                      struct nvb_err *err)
{
    nvb_autofree char *prefix = dup_prefix(profile, openings);
    nvb_autofree char *path = dup_cache_path(prefix);

    if (path && read_cache(path, out_program))
        return true;
    if (!nvb_seccomp_build(profile, openings, out_program, err))
        return false;
    if (path)
        write_cache(path, out_program, prefix);
    return true;
}
