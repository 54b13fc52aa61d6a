/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/store_check.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "image/store_internal.h"
#include "store_bed.h"
#include "test.h"
#include "tree.h"

static const int layers[] = { 1, 2 };

/* Its answer as text: a line for each fault, "+" before what was repaired. */
static char *dup_answer(const struct nvb_store *store, const struct nvb_check_options *options)
{
    struct nvb_check_result result = { 0 };
    nvb_auto_strv lines = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(nvb_store_check(store, options, &result, &err));
    for (size_t i = 0; i < result.n; i++)
        nvb_strv_addf(&lines, "%s%s", result.items[i].is_repaired ? "+ " : "",
                      result.items[i].text);
    nvb_check_result_clear(&result);
    return nvb_strv_join(&lines, "\n");
}

static char *dup_check(const struct nvb_store *store)
{
    return dup_answer(store, &(struct nvb_check_options){ 0 });
}

static char *dup_repair(const struct nvb_store *store)
{
    return dup_answer(store, &(struct nvb_check_options){ .may_repair = true });
}

static void write_text(const struct nvb_store *store, const char *path, const char *text)
{
    nvb_auto_err err = { 0 };

    EXPECT(nvb_write_file(nvb_store_fd(store), path, text, strlen(text), 0644, &err));
}

TEST(a_good_store_has_no_faults)
{
    nvb_autoptr(nvb_store) store = store_bed_new(tree_new());
    struct nvb_check_result result = { 0 };
    nvb_auto_err err = { 0 };
    char digest[NVB_DIGEST_SIZE];

    store_bed_put(store, "app", layers, 2, digest);
    store_bed_put(store, NULL, (int[]){ 9 }, 1, digest);
    EXPECT(nvb_store_check(store, &(struct nvb_check_options){ 0 }, &result, &err));
    EXPECT(result.n == 0 && result.n_images == 1 && result.n_layers == 3 && result.n_blobs == 4);
    EXPECT(result.n_unused == 1 && result.n_leftovers == 0);
}

TEST(a_damaged_blob_is_found_and_removed)
{
    nvb_autoptr(nvb_store) store = store_bed_new(tree_new());
    char digest[NVB_DIGEST_SIZE];
    nvb_autofree char *path = NULL;
    nvb_autofree char *first = NULL;
    nvb_autofree char *repaired = NULL;
    nvb_autofree char *after = NULL;

    store_bed_put(store, "app", layers, 1, digest);
    path = nvb_xasprintf("blobs/sha256/%s", nvb_digest_hex(digest));
    write_text(store, path, "{}");
    write_text(store, "blobs/sha256/junk", "x");
    first = dup_check(store);
    EXPECT(strstr(first, "is not what was stored") && strstr(first, "'junk' is no blob"));
    repaired = dup_repair(store);
    EXPECT(strstr(repaired, "+ 'junk' is no blob") && strstr(repaired, "+ name 'docker.io/"));
    after = dup_check(store);
    EXPECT_STR(after, "");
}

TEST(a_layer_that_is_another_is_found)
{
    nvb_autoptr(nvb_store) store = store_bed_new(tree_new());
    char digest[NVB_DIGEST_SIZE];
    char one[NVB_DIGEST_SIZE];
    char two[NVB_DIGEST_SIZE];
    nvb_autofree char *from = NULL;
    nvb_autofree char *to = NULL;
    nvb_autofree char *text = NULL;
    nvb_autofree char *found = NULL;
    nvb_autofree char *want = NULL;
    nvb_auto_err err = { 0 };

    store_bed_put(store, "app", layers, 2, digest);
    store_bed_chain(layers, 1, one);
    store_bed_chain(layers, 2, two);
    from = nvb_xasprintf("layers/%s/meta.json", nvb_digest_hex(one));
    to = nvb_xasprintf("layers/%s/meta.json", nvb_digest_hex(two));
    EXPECT(nvb_read_in_root(nvb_store_fd(store), from, 4096, &text, NULL, &err));
    write_text(store, to, text);
    found = dup_check(store);
    want = nvb_xasprintf("layer %.12s is another one\n"
                         "name 'docker.io/library/app:latest': layer 2 of 2 is not in the store",
                         nvb_digest_hex(two));
    EXPECT_STR(found, want);
}

TEST(an_image_without_a_layer_is_told)
{
    nvb_autoptr(nvb_store) store = store_bed_new(tree_new());
    char digest[NVB_DIGEST_SIZE];
    char id[NVB_DIGEST_SIZE];
    nvb_autofree char *path = NULL;
    nvb_autofree char *found = NULL;
    nvb_autofree char *repaired = NULL;

    store_bed_put(store, "app", layers, 2, digest);
    store_bed_chain(layers, 2, id);
    path = nvb_xasprintf("layers/%s", nvb_digest_hex(id));
    EXPECT(renameat(nvb_store_fd(store), path, nvb_store_fd(store), "aside") == 0);
    found = dup_check(store);
    repaired = dup_repair(store);
    EXPECT_STR(found, "name 'docker.io/library/app:latest': layer 2 of 2 is not in the store");
    EXPECT_STR(repaired, found);
}

static bool find_nothing(void *data, int layer_fd, struct nvb_strv *out, struct nvb_err *err)
{
    (void)layer_fd;
    (void)err;
    if (data)
        nvb_strv_add(out, "'/file' has other contents");
    return true;
}

/* The machine stopped before it was marked; its files tell whether it is whole. */
TEST(an_unmarked_layer_is_saved_when_its_files_are_whole)
{
    nvb_autoptr(nvb_store) store = store_bed_new(tree_new());
    struct nvb_check_options options = { .may_repair = true, .verify_layer = find_nothing };
    char digest[NVB_DIGEST_SIZE];
    char id[NVB_DIGEST_SIZE];
    nvb_autofree char *saved = NULL;
    nvb_autofree char *want = NULL;
    nvb_autofree char *lost = NULL;
    struct nvb_layer_facts facts;
    nvb_auto_err err = { 0 };

    store_bed_put(store, "app", layers, 1, digest);
    store_bed_chain(layers, 1, id);
    store->boot_id[0] = store->boot_id[0] == '0' ? '1' : '0';
    EXPECT(!nvb_store_has_layer(store, id));
    saved = dup_answer(store, &options);
    want = nvb_xasprintf("+ layer %.12s was not marked as being on the disk", nvb_digest_hex(id));
    EXPECT_STR(saved, want);
    EXPECT(nvb_store_has_layer(store, id));
    EXPECT(nvb_layer_read_facts(store, id, &facts, &err) && facts.is_synced);
    options.data = store;
    lost = dup_answer(store, &options);
    EXPECT(strstr(lost, "'/file' has other contents") && !nvb_store_has_layer(store, id));
}

TEST(broken_names_are_removed_and_leases_are_told)
{
    nvb_autoptr(nvb_store) store = store_bed_new(tree_new());
    char digest[NVB_DIGEST_SIZE];
    nvb_autofree char *repaired = NULL;

    store_bed_put(store, "app", layers, 1, digest);
    write_text(store, "refs/docker.io+library+bad,1", "{}");
    write_text(store, "leases/c1", "");
    repaired = dup_repair(store);
    EXPECT(strstr(repaired, "+ name 'docker.io+library+bad,1': "));
    EXPECT(strstr(repaired, "\ncontainer 'c1': "));
    EXPECT(faccessat(nvb_store_fd(store), "refs/docker.io+library+bad,1", F_OK, 0) < 0);
    EXPECT(faccessat(nvb_store_fd(store), "leases/c1", F_OK, 0) == 0);
}
