/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/ldcache.h"

#include <assert.h>
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "library.h"
#include "test.h"
#include "tree.h"

#define LEVEL (UINT64_C(1) << 32) /* one of the bits that ldconfig puts beside a CPU level's name */

enum {
    X86_64 = 0x0303,
    I386 = 0x0003,
    MANY = 1200,
};

/* A run of numbers that is the same in every run of the test. */
static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

static void parse_all(const struct nvb_buf *bytes, struct nvb_ldcache *out)
{
    nvb_auto_err err = { 0 };

    EXPECT(nvb_ldcache_parse(bytes->data, bytes->len, out, &err));
    assert(bytes->data);
}

static void write_all(const struct nvb_ldcache_entry *entries, size_t n, struct nvb_buf *out)
{
    nvb_auto_err err = { 0 };

    EXPECT(nvb_ldcache_write(entries, n, out, &err));
}

static bool is_same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool is_same(const struct nvb_ldcache_entry *a, const struct nvb_ldcache_entry *b)
{
    return is_same_text(a->soname, b->soname) && is_same_text(a->path, b->path) &&
           is_same_text(a->hwcaps, b->hwcaps) && a->flags == b->flags && a->hwcap == b->hwcap;
}

TEST(compares_numbers_as_numbers)
{
    static const char *const upwards[] = {
        "",           "liba.so",     "liba.so.0",    "liba.so.1",        "liba.so.2",
        "liba.so.10", "liba.so.535", "liba.so.1000", "libab.so.1",       "liba9.so.1",
        "liba10.so",  "libcuda.so",  "libcuda.so.1", "libnvidia-ml.so.1"
    };

    for (size_t i = 0; i < sizeof(upwards) / sizeof(upwards[0]); i++) {
        for (size_t j = 0; j < sizeof(upwards) / sizeof(upwards[0]); j++) {
            int order = nvb_ldcache_compare_sonames(upwards[i], upwards[j]);

            EXPECT((order < 0) == (i < j) && (order > 0) == (i > j));
        }
    }
    EXPECT(nvb_ldcache_compare_sonames("liba.so.01", "liba.so.1") == 0);
}

TEST(writes_what_it_reads_back)
{
    static const struct nvb_ldcache_entry entries[] = {
        {"libcuda.so.1",  "/usr/lib/x/libcuda.so.1",                   NULL,        X86_64, 64, 0},
        { "libcuda.so.1", "/usr/lib/y/libcuda.so.1",                   NULL,        I386,   32, 0},
        { "libcuda.so.1", "/second/libcuda.so.1",                      NULL,        X86_64, 64, 0},
        { "libz.so.1",    "/usr/lib/glibc-hwcaps/x86-64-v3/libz.so.1", "x86-64-v3", X86_64, 64, 0},
        { "libz.so.1",    "/usr/lib/glibc-hwcaps/x86-64-v2/libz.so.1", "x86-64-v2", X86_64, 64,
         LEVEL                                                                                   },
        { "libz.so.1",    "/usr/lib/other-name",                       NULL,        X86_64, 64, 0},
        { "libodd.so",    "/o",                                        NULL,        0x1f03, 0,  7},
    };
    static const size_t order[] = { 4, 3, 5, 6, 0, 2, 1 };
    nvb_auto_buf bytes = { 0 };
    nvb_auto_ldcache cache = { 0 };

    write_all(entries, sizeof(entries) / sizeof(entries[0]), &bytes);
    parse_all(&bytes, &cache);
    EXPECT(cache.n == sizeof(order) / sizeof(order[0]));
    for (size_t i = 0; i < cache.n; i++) {
        EXPECT(is_same(&cache.items[i], &entries[order[i]]));
        EXPECT(cache.items[i].bits == entries[order[i]].bits);
    }
}

TEST(an_empty_cache_is_a_cache)
{
    nvb_auto_buf bytes = { 0 };
    nvb_auto_ldcache cache = { 0 };

    write_all(NULL, 0, &bytes);
    EXPECT(bytes.len == 48);
    parse_all(&bytes, &cache);
    EXPECT(cache.n == 0);
}

TEST(what_was_written_is_written_the_same_again)
{
    char names[300][48];
    struct nvb_ldcache_entry entries[300];
    uint32_t seed = 1;

    for (unsigned round = 0; round < 50; round++) {
        size_t n = next_random(&seed) % 300;
        nvb_auto_buf once = { 0 };
        nvb_auto_buf twice = { 0 };
        nvb_auto_ldcache cache = { 0 };

        for (size_t i = 0; i < n; i++) {
            (void)snprintf(names[i], sizeof(names[i]), "/d%u/lib%c%u.so.%u", next_random(&seed) % 3,
                           'a' + (int)(next_random(&seed) % 4), next_random(&seed) % 12,
                           next_random(&seed) % 120);
            entries[i] = (struct nvb_ldcache_entry){
                .soname = names[i] + 4,
                .path = names[i],
                .flags = next_random(&seed) % 2 ? X86_64 : I386,
                .hwcaps = next_random(&seed) % 9 ? NULL : "x86-64-v4",
            };
        }
        write_all(entries, n, &once);
        parse_all(&once, &cache);
        EXPECT(cache.n == n);
        write_all(cache.items, cache.n, &twice);
        EXPECT(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
    }
}

TEST(refuses_entries_that_no_loader_could_use)
{
    static const struct nvb_ldcache_entry bad[] = {
        {"",     "/a", NULL, 0, 0, 0                },
        { "a/b", "/a", NULL, 0, 0, 0                },
        { "a",   "a",  NULL, 0, 0, 0                },
        { "a",   "",   NULL, 0, 0, 0                },
        { "a",   "/a", "",   0, 0, 0                },
        { "a",   "/a", NULL, 0, 0, UINT64_C(1) << 62},
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        nvb_auto_buf out = { 0 };
        nvb_auto_err err = { 0 };

        EXPECT(!nvb_ldcache_write(&bad[i], 1, &out, &err));
        EXPECT(err.kind == NVB_E_INVALID && out.len == 0);
    }
}

TEST(every_torn_or_twisted_cache_is_refused_or_read_within_its_bounds)
{
    static const struct nvb_ldcache_entry entries[] = {
        {"liba.so.1",  "/a/liba.so.1", NULL,        X86_64, 64, 0},
        { "libb.so.1", "/b/libb.so.1", "x86-64-v2", X86_64, 64, 0},
    };
    nvb_auto_buf bytes = { 0 };
    size_t n_refused = 0;

    write_all(entries, 2, &bytes);
    for (size_t i = 0; i < bytes.len; i++) {
        for (unsigned how = 0; how < 3; how++) {
            nvb_autofree char *copy = nvb_xcalloc(bytes.len, 1);
            nvb_auto_ldcache cache = { 0 };
            nvb_auto_err err = { 0 };

            memcpy(copy, bytes.data, bytes.len);
            copy[i] = (char)(how == 0 ? 0xff : how == 1 ? copy[i] ^ 0x80 : copy[i]);
            n_refused += !nvb_ldcache_parse(copy, how == 2 ? i : bytes.len, &cache, &err);
            EXPECT((cache.items == NULL) == (err.n_lines > 0));
            for (size_t k = 0; cache.items && k < cache.n; k++)
                EXPECT(strlen(cache.items[k].soname) < 4096 && strlen(cache.items[k].path) < 4096);
        }
    }
    EXPECT(n_refused > bytes.len);
}

/* As ldconfig -c compat wrote it until glibc 2.31; without its tail, as before 2.2. */
static void put_old(struct nvb_buf *file, const struct nvb_buf *tail)
{
    const uint32_t head[] = { 1, 1, 0, 4 };

    nvb_buf_add(file, "ld.so-1.7.0\0", 12);
    nvb_buf_add(file, head, sizeof(head));
    if (tail) {
        nvb_buf_add(file, "\0\0\0\0", 4);
        nvb_buf_add(file, tail->data, tail->len);
    } else {
        nvb_buf_add(file, "a.1\0/old/a.1", 13);
    }
}

TEST(reads_the_old_part_only_when_it_is_alone)
{
    static const struct nvb_ldcache_entry entry = { .soname = "liba.so.1",
                                                    .path = "/a/liba.so.1",
                                                    .flags = X86_64 };
    nvb_auto_buf tail = { 0 };
    nvb_auto_buf both = { 0 };
    nvb_auto_buf old = { 0 };
    nvb_auto_ldcache cache = { 0 };
    nvb_auto_ldcache old_cache = { 0 };

    write_all(&entry, 1, &tail);
    put_old(&both, &tail);
    parse_all(&both, &cache);
    EXPECT(cache.n == 1 && is_same(&cache.items[0], &entry));
    put_old(&old, NULL);
    parse_all(&old, &old_cache);
    EXPECT(old_cache.n == 1 && old_cache.items[0].bits == 32);
    EXPECT_STR(old_cache.items[0].soname, "a.1");
    EXPECT_STR(old_cache.items[0].path, "/old/a.1");
}

TEST(the_other_byte_order_is_named)
{
    nvb_auto_buf bytes = { 0 };
    nvb_auto_ldcache cache = { 0 };
    nvb_auto_err err = { 0 };

    write_all(NULL, 0, &bytes);
    bytes.data[28] = bytes.data[28] == 2 ? 3 : 2;
    EXPECT(!nvb_ldcache_parse(bytes.data, bytes.len, &cache, &err));
    EXPECT(err.kind == NVB_E_UNSUPPORTED);
}

TEST(a_cache_that_is_absent_or_a_fifo_is_an_error)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_host) host = NULL;
    nvb_auto_ldcache cache = { 0 };
    nvb_auto_err none = { 0 };
    nvb_auto_err fifo = { 0 };

    EXPECT(nvb_host_open(tree, &host, &none));
    EXPECT(!nvb_ldcache_read(host, &cache, &none) && none.kind == NVB_E_NOT_FOUND);
    tree_fifo(tree, "etc/ld.so.cache");
    EXPECT(!nvb_ldcache_read(host, &cache, &fifo) && fifo.kind == NVB_E_INVALID);
}

TEST(knows_the_flags_of_every_machine_that_nvidia_serves)
{
    EXPECT(nvb_ldcache_flags(EM_X86_64, 64) == X86_64);
    EXPECT(nvb_ldcache_flags(EM_386, 32) == I386);
    EXPECT(nvb_ldcache_flags(EM_AARCH64, 64) == 0x0a03);
    EXPECT(nvb_ldcache_flags(EM_RISCV, 64) == 0);
}

/* Run ldconfig and wait; its output goes away. */
static bool run_ldconfig(const char *a, const char *b, const char *c)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        int null = open("/dev/null", O_RDWR);

        (void)dup2(null, 1);
        (void)dup2(null, 2);
        (void)execl("/sbin/ldconfig", "ldconfig", a, b, c, NULL);
        _exit(127);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

static void need_ldconfig(void)
{
    if (access("/sbin/ldconfig", X_OK) < 0)
        SKIP("no /sbin/ldconfig to compare with");
}

static void read_file(const char *path, struct nvb_buf *out)
{
    char *text = NULL;
    size_t len = 0;
    nvb_auto_err err = { 0 };

    EXPECT(nvb_read_file(AT_FDCWD, path, 1 << 24, &text, &len, &err));
    *out = (struct nvb_buf){ text, len, len };
}

/* A machine may have one soname twice, whose order is that of its directories, not of their
 * keys; only their paths may then differ after a shuffle. */
static bool has_same_key(const struct nvb_ldcache_entry *a, const struct nvb_ldcache_entry *b)
{
    struct nvb_ldcache_entry copy = *a;

    copy.path = b->path;
    return is_same(&copy, b);
}

static void expect_order(const struct nvb_ldcache *want,
                         const struct nvb_ldcache_entry *given,
                         bool (*compare)(const struct nvb_ldcache_entry *,
                                         const struct nvb_ldcache_entry *))
{
    nvb_auto_buf bytes = { 0 };
    nvb_auto_ldcache got = { 0 };

    write_all(given, want->n, &bytes);
    parse_all(&bytes, &got);
    EXPECT(got.n == want->n);
    for (size_t i = 0; i < want->n; i++)
        EXPECT(compare(&got.items[i], &want->items[i]));
}

/* ldconfig's entries must come out in ldconfig's order again, shuffled or not. */
static void expect_same_order(const char *path, size_t at_least)
{
    nvb_auto_buf theirs = { 0 };
    nvb_auto_ldcache want = { 0 };
    nvb_autofree struct nvb_ldcache_entry *shuffled = NULL;
    uint32_t seed = 7;

    read_file(path, &theirs);
    parse_all(&theirs, &want);
    EXPECT(want.n >= at_least);
    shuffled = nvb_xcalloc(want.n, sizeof(*shuffled));
    for (size_t i = 0; i < want.n; i++) {
        size_t to = next_random(&seed) % (i + 1);

        shuffled[i] = shuffled[to];
        shuffled[to] = want.items[i];
    }
    expect_order(&want, want.items, is_same);
    expect_order(&want, shuffled, has_same_key);
}

TEST(sorts_this_machines_libraries_as_ldconfig_does)
{
    const char *tree = tree_new();
    nvb_autofree char *cache = nvb_xasprintf("%s/cache", tree);

    need_ldconfig();
    EXPECT(run_ldconfig("-X", "-C", cache));
    expect_same_order(cache, 50);
}

static void put_random_library(const char *tree, uint32_t *seed)
{
    static const char *const stems[] = { "a", "a1", "a10", "a9x", "b-2", "B", "nvidia_x", "z+3.1" };
    static const char *const dirs[] = { "usr/lib/x86_64-linux-gnu", "usr/lib/i386-linux-gnu",
                                        "usr/lib/glibc-hwcaps/x86-64-v3",
                                        "usr/lib/glibc-hwcaps/x86-64-v2", "usr/lib" };
    size_t in = next_random(seed) % 5;
    nvb_autofree char *name =
        nvb_xasprintf("lib%s.so.%u%s", stems[next_random(seed) % 8], next_random(seed) % 3000,
                      next_random(seed) % 2 ? "" : ".10");
    nvb_autofree char *path = nvb_xasprintf("%s/%s", dirs[in], name);

    tree_put_library(tree, path, in == 1 ? EM_386 : EM_X86_64, name);
}

TEST(sorts_made_up_libraries_as_ldconfig_does)
{
    const char *tree = tree_new();
    nvb_autofree char *cache = nvb_xasprintf("%s/etc/ld.so.cache", tree);
    uint32_t seed = 42;

    need_ldconfig();
    if (geteuid() != 0)
        SKIP("ldconfig -r needs root to chroot");
    tree_put(tree, "etc/ld.so.conf",
             "/usr/lib/x86_64-linux-gnu\n/usr/lib/i386-linux-gnu\n/usr/lib\n");
    for (size_t i = 0; i < 600; i++)
        put_random_library(tree, &seed);
    EXPECT(run_ldconfig("-r", tree, NULL));
    expect_same_order(cache, 500);
}

/* Our own mount namespace; as an ordinary user through a user namespace. */
static void own_mounts(void)
{
    if (unshare(geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS) < 0)
        SKIP("no mount namespace: %s", strerror(errno));
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        SKIP("no private mounts: %s", strerror(errno));
}

static void give_to_loader(const char *tree, const struct nvb_buf *bytes)
{
    nvb_autofree char *cache = nvb_xasprintf("%s/cache", tree);

    tree_put_bytes(tree, "cache", bytes->data, bytes->len);
    if (access("/etc/ld.so.cache", F_OK) < 0)
        SKIP("this machine's loader has no cache");
    if (mount(cache, "/etc/ld.so.cache", NULL, MS_BIND, NULL) < 0)
        SKIP("cannot bind over /etc/ld.so.cache: %s", strerror(errno));
}

static void expect_loads(const char *soname, const char *path)
{
    struct link_map *map = NULL;
    void *handle = dlopen(soname, RTLD_LAZY | RTLD_LOCAL);

    if (!handle) {
        EXPECT_STR(dlerror(), "");
        return;
    }
    EXPECT(dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0);
    EXPECT_STR(map->l_name, path);
    EXPECT(dlclose(handle) == 0);
}

TEST(the_real_loader_finds_each_of_many_by_its_bare_soname)
{
    const char *tree = tree_new();
    nvb_autofree struct nvb_ldcache_entry *entries = nvb_xcalloc(MANY, sizeof(*entries));
    nvb_auto_strv paths = { 0 };
    nvb_auto_buf bytes = { 0 };
    uint32_t seed = 3;

    own_mounts();
    tree_put_library(tree, "real.so", sizeof(void *) == 8 ? EM_X86_64 : EM_386, NULL);
    for (unsigned i = 0; i < MANY; i++) {
        nvb_autofree char *name =
            nvb_xasprintf("%u/libnvb%c%u.so.%u", i % 5, 'a' + (int)(next_random(&seed) % 3), i,
                          next_random(&seed) % 1000);

        nvb_strv_addf(&paths, "%s/%s", tree, name);
        tree_link(tree, name, "../real.so");
        entries[i].path = paths.items[i];
        entries[i].soname = strrchr(paths.items[i], '/') + 1;
        entries[i].flags =
            nvb_ldcache_flags(sizeof(void *) == 8 ? EM_X86_64 : EM_386, sizeof(void *) * 8);
    }
    write_all(entries, MANY, &bytes);
    EXPECT(dlopen(entries[0].soname, RTLD_LAZY) == NULL);
    give_to_loader(tree, &bytes);
    for (unsigned i = 0; i < MANY; i++)
        expect_loads(entries[i].soname, entries[i].path);
    EXPECT(dlopen("libnvb-absent.so.1", RTLD_LAZY) == NULL);
}

TEST(the_real_loader_takes_the_first_of_its_own_abi)
{
    const char *tree = tree_new();
    const char *soname = "libnvb.so.1";
    uint32_t own = nvb_ldcache_flags(sizeof(void *) == 8 ? EM_X86_64 : EM_386, sizeof(void *) * 8);
    nvb_autofree char *first = nvb_xasprintf("%s/first/libnvb.so.1", tree);
    nvb_autofree char *second = nvb_xasprintf("%s/second/libnvb.so.1", tree);
    const struct nvb_ldcache_entry entries[] = {
        {soname,  "/foreign/libnvb.so.1", NULL, own ^ 0x0300, 0, 0},
        { soname, "/never/libnvb.so.1",   "zz", own,          0, 0},
        { soname, first,                  NULL, own,          0, 0},
        { soname, second,                 NULL, own,          0, 0},
    };
    nvb_auto_buf bytes = { 0 };

    own_mounts();
    tree_put_library(tree, "first/libnvb.so.1", sizeof(void *) == 8 ? EM_X86_64 : EM_386, NULL);
    tree_put_library(tree, "second/libnvb.so.1", sizeof(void *) == 8 ? EM_X86_64 : EM_386, NULL);
    write_all(entries, sizeof(entries) / sizeof(entries[0]), &bytes);
    give_to_loader(tree, &bytes);
    expect_loads("libnvb.so.1", first);
}
