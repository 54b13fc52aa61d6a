/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "store_bed.h"
#include "test.h"
#include "tree.h"

static bool is_there(const char *tree, const char *path)
{
    nvb_autofree char *full = nvb_xasprintf("%s/%s", tree, path);
    struct stat st;

    return lstat(full, &st) == 0;
}

static size_t count(const char *tree, const char *path)
{
    nvb_autofree char *full = nvb_xasprintf("%s/%s", tree, path);
    nvb_autoclose int fd = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    nvb_auto_strv names = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(fd >= 0 && nvb_list_in_root(fd, ".", &names, &err));
    return names.n;
}

static void write_text(const char *tree, const char *path, const char *text)
{
    nvb_autofree char *full = nvb_xasprintf("%s/%s", tree, path);
    nvb_auto_err err = { 0 };

    EXPECT(nvb_write_file(AT_FDCWD, full, text, strlen(text), 0644, &err));
}

TEST(an_absent_store_is_empty)
{
    const char *tree = tree_new();
    nvb_autofree char *dir = nvb_xasprintf("%s/none", tree);
    nvb_autoptr(nvb_store) store = NULL;
    nvb_auto_refs refs = { 0 };
    nvb_auto_err err = { 0 };
    nvb_auto_err absent = { 0 };
    char digest[NVB_DIGEST_SIZE];

    EXPECT(nvb_store_open(dir, NVB_STORE_READ, &store, &err));
    EXPECT(nvb_store_list_refs(store, &refs, &err) && refs.n == 0);
    EXPECT(!nvb_store_find(store, "ubuntu", digest, &absent) && absent.kind == NVB_E_NOT_FOUND);
    EXPECT_STR(absent.lines[0], "there is no image 'ubuntu:latest'");
    EXPECT_STR(absent.hint, "get it with: nvbind pull ubuntu:latest");
    EXPECT(!is_there(tree, "none"));
}

TEST(a_directory_without_a_store_is_left_alone)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_store) store = NULL;
    nvb_auto_refs refs = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(nvb_store_open(tree, NVB_STORE_READ, &store, &err));
    EXPECT(nvb_store_list_refs(store, &refs, &err) && refs.n == 0 && count(tree, ".") == 0);
}

TEST(a_store_of_another_format_is_refused)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_store) store = store_bed_new(tree);
    nvb_autoptr(nvb_store) other = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(store);
    write_text(tree, "format", "2\n");
    EXPECT(!nvb_store_open(tree, NVB_STORE_READ, &other, &err));
    EXPECT(err.kind == NVB_E_UNSUPPORTED);
    EXPECT_STR(err.lines[0], "the store is of format '2'; this nvbind knows format 1");
}

TEST(keeps_blobs_under_their_digest)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_store) store = store_bed_new(tree);
    nvb_autoptr(nvb_work) work = NULL;
    nvb_autofree char *text = NULL;
    nvb_autofree char *path = NULL;
    nvb_auto_err err = { 0 };
    nvb_auto_err absent = { 0 };
    nvb_auto_err damaged = { 0 };
    char digest[NVB_DIGEST_SIZE];
    char none[NVB_DIGEST_SIZE];
    size_t len = 0;

    nvb_digest_of("none", 4, none);
    EXPECT(nvb_work_begin(store, &work, &err));
    EXPECT(nvb_store_add_blob(store, work, "a\0b", 3, digest, &err));
    EXPECT(nvb_store_add_blob(store, work, "a\0b", 3, digest, &err));
    EXPECT(nvb_store_has_blob(store, digest) && !nvb_store_has_blob(store, none));
    EXPECT(nvb_store_read_blob(store, digest, &text, &len, &err));
    EXPECT(len == 3 && memcmp(text, "a\0b", 3) == 0);
    EXPECT(!nvb_store_read_blob(store, none, &text, &len, &absent));
    EXPECT(absent.kind == NVB_E_NOT_FOUND);
    path = nvb_xasprintf("blobs/sha256/%s", nvb_digest_hex(digest));
    write_text(tree, path, "x");
    EXPECT(!nvb_store_read_blob(store, digest, &text, &len, &damaged));
    EXPECT_STR(damaged.hint, "run: nvbind store check --repair");
}

TEST(finds_images_by_name_and_id)
{
    static const int one[] = { 1 };
    static const int two[] = { 1, 2 };
    nvb_autoptr(nvb_store) store = store_bed_new(tree_new());
    nvb_autoptr(nvb_image) image = NULL;
    char a[NVB_DIGEST_SIZE];
    char b[NVB_DIGEST_SIZE];
    char got[NVB_DIGEST_SIZE];
    nvb_auto_err err = { 0 };
    nvb_auto_err absent = { 0 };
    nvb_auto_err bad = { 0 };
    nvb_autofree char *prefix = NULL;

    store_bed_put(store, "app", one, 1, a);
    store_bed_put(store, "localhost:5000/x/app:2", two, 2, b);
    EXPECT(nvb_store_find(store, "app", got, &err) && strcmp(got, a) == 0);
    EXPECT(nvb_store_find(store, "docker.io/library/app:latest", got, &err) && strcmp(got, a) == 0);
    EXPECT(nvb_store_find(store, "localhost:5000/x/app:2", got, &err) && strcmp(got, b) == 0);
    EXPECT(nvb_store_find(store, b, got, &err) && strcmp(got, b) == 0);
    prefix = nvb_xstrndup(nvb_digest_hex(b), 6);
    EXPECT(nvb_store_find(store, prefix, got, &err) && strcmp(got, b) == 0);
    EXPECT(nvb_store_read_image(store, b, &image, &err) && image->chain_ids.n == 2);
    EXPECT(nvb_store_check_layers(store, image, &err));
    EXPECT(nvb_store_find(store, image->manifest->config.digest, got, &err) && strcmp(got, b) == 0);
    EXPECT(!nvb_store_find(store, "ffff", got, &absent) && absent.kind == NVB_E_NOT_FOUND);
    EXPECT(!nvb_store_find(store, "App", got, &bad) && bad.kind == NVB_E_INVALID);
}

TEST(an_id_of_two_images_is_ambiguous)
{
    nvb_autoptr(nvb_store) store = store_bed_new(tree_new());
    nvb_auto_strv firsts = { 0 };
    nvb_auto_err err = { 0 };
    char digest[NVB_DIGEST_SIZE];

    /* 1000 images: two of them share four digits (of 65536) almost surely, and always the same. */
    for (int i = 0; i < 1000; i++) {
        nvb_autofree char *name = nvb_xasprintf("app:%d", i);
        nvb_autofree char *first = NULL;

        store_bed_put(store, name, &i, 1, digest);
        first = nvb_xstrndup(nvb_digest_hex(digest), 4);
        if (!nvb_strv_has(&firsts, first)) {
            nvb_strv_add(&firsts, first);
            continue;
        }
        EXPECT(!nvb_store_find(store, first, digest, &err) && err.kind == NVB_E_CONFLICT);
        return;
    }
    SKIP("no two digests began alike");
}

TEST(names_move_and_go)
{
    static const int layers[] = { 1, 2 };
    const char *tree = tree_new();
    nvb_autoptr(nvb_store) store = store_bed_new(tree);
    nvb_auto_refs refs = { 0 };
    nvb_auto_reference name = { 0 };
    nvb_auto_err err = { 0 };
    nvb_auto_err again = { 0 };
    char a[NVB_DIGEST_SIZE];
    char b[NVB_DIGEST_SIZE];
    char got[NVB_DIGEST_SIZE];

    store_bed_put(store, "z/app:1", layers, 1, a);
    store_bed_put(store, "app", layers, 1, a);
    store_bed_put(store, "app", layers, 2, b);
    EXPECT(nvb_store_list_refs(store, &refs, &err) && refs.n == 2);
    EXPECT_STR(refs.items[0].name, "docker.io/library/app:latest");
    EXPECT_STR(refs.items[0].digest, b);
    EXPECT(refs.items[0].set_s > 1700000000);
    EXPECT(is_there(tree, "refs/docker.io+library+app,latest"));
    EXPECT(nvb_reference_parse("app", &name, &err) && nvb_store_remove_ref(store, &name, &err));
    EXPECT(!nvb_store_remove_ref(store, &name, &again) && again.kind == NVB_E_NOT_FOUND);
    EXPECT(!nvb_store_find(store, "app", got, &again));
}

TEST(a_name_is_not_given_to_half_an_image)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_store) store = store_bed_new(tree);
    nvb_auto_reference name = { 0 };
    nvb_auto_err err = { 0 };
    nvb_auto_err absent = { 0 };
    char digest[NVB_DIGEST_SIZE];

    nvb_digest_of("x", 1, digest);
    EXPECT(nvb_reference_parse("app", &name, &err));
    EXPECT(!nvb_store_set_ref(store, &name, digest, &absent) && absent.kind == NVB_E_NOT_FOUND);
    EXPECT(count(tree, "refs") == 0 && count(tree, "tmp") == 0);
}

TEST(leases_have_plain_names)
{
    static const char *const bad[] = { "", "a/b", "..", ".x", "a b", "\xc3\xa9" };
    static const int layers[] = { 1 };
    nvb_autoptr(nvb_store) store = store_bed_new(tree_new());
    nvb_auto_refs leases = { 0 };
    nvb_auto_err err = { 0 };
    char digest[NVB_DIGEST_SIZE];

    store_bed_put(store, NULL, layers, 1, digest);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        nvb_auto_err refused = { 0 };

        EXPECT(!nvb_store_add_lease(store, bad[i], digest, &refused));
        EXPECT(refused.kind == NVB_E_INVALID);
    }
    EXPECT(nvb_store_add_lease(store, "web-1", digest, &err));
    EXPECT(nvb_store_list_leases(store, &leases, &err) && leases.n == 1);
    EXPECT_STR(leases.items[0].name, "web-1");
    EXPECT(nvb_store_remove_lease(store, "web-1", &err));
    EXPECT(nvb_store_remove_lease(store, "web-1", &err));
}

/* A program in a jail could have put it there. */
TEST(a_part_that_is_a_link_is_not_followed_out)
{
    static const int layers[] = { 1 };
    const char *tree = tree_new();
    const char *outside = tree_new();
    nvb_autoptr(nvb_store) store = store_bed_new(tree);
    nvb_autofree char *refs = nvb_xasprintf("%s/refs", tree);
    nvb_auto_reference name = { 0 };
    nvb_auto_err err = { 0 };
    char digest[NVB_DIGEST_SIZE];

    store_bed_put(store, NULL, layers, 1, digest);
    EXPECT(rmdir(refs) == 0 && symlink(outside, refs) == 0);
    EXPECT(nvb_reference_parse("app", &name, &err));
    EXPECT(!nvb_store_set_ref(store, &name, digest, &err));
    EXPECT(count(outside, ".") == 0);
}

TEST(files_of_root_belong_to_nobody_of_the_host)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_store) store = store_bed_new(tree);
    const struct nvb_store_ids *ids = nvb_store_get_ids(store);
    nvb_autofree char *layers = nvb_xasprintf("%s/layers", tree);
    struct stat st;

    EXPECT(stat(layers, &st) == 0 && (st.st_mode & 07777) == 0700);
    EXPECT(st.st_uid == ids->uids[0].outside && st.st_gid == ids->gids[0].outside);
    if (ids->kind == NVB_IDS_RANGE)
        EXPECT(st.st_uid >= 0x70000000 && ids->uids[0].count == 65536);
}

TEST(the_ids_of_a_store_stay)
{
    const char *tree = tree_new();
    struct nvb_store_ids want = {
        .kind = NVB_IDS_FULL,
        .uids = {{ 0, 1000, 1 },  { 1, 100000, 65536 }},
        .n_uids = 2,
        .gids = { { 0, 1000, 1 }, { 1, 200000, 5 }    },
        .n_gids = 2,
    };
    struct nvb_store_ids got = { 0 };
    nvb_autoclose int fd = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    nvb_auto_err err = { 0 };
    nvb_auto_err broken = { 0 };

    EXPECT(nvb_store_ids_write(fd, &want, &err) && nvb_store_ids_read(fd, &got, &err));
    EXPECT(got.kind == want.kind && got.n_uids == 2 && got.gids[1].outside == 200000 &&
           got.gids[1].count == 5);
    write_text(tree, "ids.json", "{\"kind\":\"full\",\"uids\":[[1,2,3]],\"gids\":[[0,1,1]]}");
    EXPECT(!nvb_store_ids_read(fd, &got, &broken) && broken.kind == NVB_E_INVALID);
}

TEST(the_store_of_somebody_else_is_refused)
{
    const struct nvb_store_ids theirs = {
        .kind = NVB_IDS_SINGLE,
        .uids = { { 0, geteuid() + 1, 1 } },
        .n_uids = 1,
        .gids = { { 0, 1, 1 } },
        .n_gids = 1,
    };
    nvb_auto_err err = { 0 };

    EXPECT(!nvb_store_ids_check(&theirs, &err) && err.kind == NVB_E_DENIED);
}
