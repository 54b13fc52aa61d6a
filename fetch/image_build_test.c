/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image_build.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/file.h"
#include "image/compose.h"
#include "image/store_internal.h"
#include "store_bed.h"
#include "tar_bed.h"
#include "test.h"
#include "tree.h"

enum {
    LAYERS_MAX = 4,
};

/* An image of archives that are made up. The store's files get the caller's own ids here: no jail
 * is around it. */
struct bed {
    struct nvb_store *store;
    struct nvb_work *work;
    struct nvb_buf archives[LAYERS_MAX];
    size_t n;
    char *manifest;
    char *config;
    struct image_build *build;
    struct nvb_err err;
};

static void use_own_ids(struct nvb_store *store)
{
    store->ids = (struct nvb_store_ids){
        .kind = geteuid() == 0 ? NVB_IDS_RANGE : NVB_IDS_SINGLE,
        .uids = { { 0, 0, UINT32_MAX } },
        .n_uids = 1,
        .gids = { { 0, 0, UINT32_MAX } },
        .n_gids = 1,
    };
}

static void bed_start(struct bed *bed, const char *tree)
{
    bed->store = store_bed_new(tree);
    use_own_ids(bed->store);
    EXPECT(nvb_work_begin(bed->store, &bed->work, &bed->err));
}

static void bed_compose(struct bed *bed)
{
    nvb_autoptr(nvb_image_config) config = nvb_xcalloc(1, sizeof(*config));
    struct nvb_descriptor layers[LAYERS_MAX] = { 0 };
    struct nvb_descriptor of_config = { 0 };

    for (size_t i = 0; i < bed->n; i++) {
        tar_end(&bed->archives[i]);
        nvb_digest_of(bed->archives[i].data, bed->archives[i].len, layers[i].digest);
        layers[i].size_bytes = bed->archives[i].len;
        nvb_strv_add(&config->diff_ids, layers[i].digest);
    }
    bed->config = nvb_compose_dup_config(config);
    of_config.size_bytes = strlen(bed->config);
    nvb_digest_of(bed->config, strlen(bed->config), of_config.digest);
    bed->manifest = nvb_compose_dup_manifest(&of_config, layers, bed->n);
    EXPECT(image_build_new(bed->store, bed->work, "app:1", bed->manifest, strlen(bed->manifest),
                           bed->config, strlen(bed->config), &bed->build, &bed->err));
}

static void bed_clear(struct bed *bed)
{
    image_build_free(bed->build);
    nvb_work_free(bed->work);
    nvb_store_free(bed->store);
    for (size_t i = 0; i < bed->n; i++)
        nvb_buf_clear(&bed->archives[i]);
    free(bed->manifest);
    free(bed->config);
    nvb_err_clear(&bed->err);
}

#define auto_bed __attribute__((cleanup(bed_clear))) struct bed

#define ADD(bed, i, ...) tar_add(&(bed)->archives[i], &(struct tar_entry){ __VA_ARGS__ })

struct bytes {
    const char *data;
    size_t len;
    unsigned delay_ms;
};

static bool next(void *data, const void **out_bytes, size_t *out_len, struct nvb_err *err)
{
    struct bytes *b = data;

    (void)err;
    (void)usleep(b->delay_ms * 1000);
    *out_bytes = b->data;
    *out_len = b->len;
    b->len = 0;
    return true;
}

static bool make_layer(struct bed *bed, size_t i, unsigned delay_ms, struct nvb_err *err)
{
    struct bytes bytes = { bed->archives[i].data, bed->archives[i].len, delay_ms };
    const struct source source = { .next = next, .data = &bytes };

    return image_build_layer(bed->build, i, &source, err);
}

static bool finish(struct bed *bed)
{
    nvb_auto_reference name = { 0 };
    nvb_auto_strv notes = { 0 };

    return nvb_reference_parse("app:1", &name, &bed->err) &&
           image_build_finish(bed->build, &name, &notes, &bed->err);
}

static struct stat look(const struct bed *bed, size_t layer, const char *path)
{
    const char *id = image_build_get(bed->build)->chain_ids.items[layer];
    nvb_auto_err err = { 0 };
    nvb_autoclose int fd = nvb_store_open_layer(bed->store, id, &err);
    struct stat st = { 0 };

    EXPECT(fd >= 0);
    (void)fstatat(fd, path, &st, AT_SYMLINK_NOFOLLOW);
    return st;
}

TEST(an_image_appears_when_it_is_finished)
{
    auto_bed bed = { .n = 2 };
    nvb_autoptr(nvb_image) image = NULL;
    char digest[NVB_DIGEST_SIZE];
    nvb_auto_err absent = { 0 };

    bed_start(&bed, tree_new());
    ADD(&bed, 0, .type = '0', .name = "a", .content = "1");
    ADD(&bed, 1, .type = '0', .name = "b", .content = "2");
    bed_compose(&bed);
    EXPECT(image_build_needs(bed.build, 0) && image_build_needs(bed.build, 1));
    EXPECT(make_layer(&bed, 1, 0, &bed.err) && !image_build_needs(bed.build, 1));
    EXPECT(!finish(&bed));
    EXPECT_STR(bed.err.lines[0], "layer 1 of 2 is not in the store");
    nvb_err_clear(&bed.err);
    EXPECT(!nvb_store_find(bed.store, "app:1", digest, &absent));
    EXPECT(make_layer(&bed, 0, 0, &bed.err) && finish(&bed));
    EXPECT(nvb_store_find(bed.store, "app:1", digest, &bed.err));
    EXPECT(nvb_store_read_image(bed.store, digest, &image, &bed.err));
    EXPECT(nvb_store_check_layers(bed.store, image, &bed.err));
}

TEST(a_layer_that_lies_is_refused)
{
    auto_bed bed = { .n = 1 };

    bed_start(&bed, tree_new());
    ADD(&bed, 0, .type = '0', .name = "a", .content = "1");
    bed_compose(&bed);
    bed.archives[0].data[512] = '2';
    EXPECT(!make_layer(&bed, 0, 0, &bed.err));
    EXPECT(nvb_has_prefix(bed.err.lines[0], "its digest is 'sha256:"));
    EXPECT_STR(bed.err.lines[1], "cannot unpack layer 1 of 1 of app:1");
    EXPECT(image_build_needs(bed.build, 0));
}

static void *make_in_thread(void *data)
{
    struct bed *bed = data;
    nvb_auto_err err = { 0 };

    return make_layer(bed, 0, 30, &err) ? bed : NULL;
}

TEST(one_layer_for_many_who_want_it)
{
    enum {
        N = 6
    };

    auto_bed bed = { .n = 1 };
    pthread_t threads[N];

    bed_start(&bed, tree_new());
    ADD(&bed, 0, .type = '0', .name = "a", .content = "1");
    bed_compose(&bed);
    for (size_t i = 0; i < N; i++)
        EXPECT(pthread_create(&threads[i], NULL, make_in_thread, &bed) == 0);
    for (size_t i = 0; i < N; i++) {
        void *result = NULL;

        EXPECT(pthread_join(threads[i], &result) == 0 && result == &bed);
    }
    EXPECT(finish(&bed));
}

/* Layers come in any order; what a layer only passes through looks as below it. */
TEST(directories_look_as_in_the_layers_below)
{
    auto_bed bed = { .n = 4 };

    bed_start(&bed, tree_new());
    ADD(&bed, 0, .type = '5', .name = "./", .mode = 0711, .mtime = 1000);
    ADD(&bed, 0, .type = '5', .name = "srv", .mode = 02770, .uid = 0, .gid = 0, .mtime = 1001);
    ADD(&bed, 0, .type = '5', .name = "srv/www", .mode = 0700, .mtime = 1002);
    ADD(&bed, 0, .type = '5', .name = "gone", .mode = 0700, .mtime = 1003);
    ADD(&bed, 0, .type = '5', .name = "hidden/deep", .mode = 0700, .mtime = 1004);
    ADD(&bed, 1, .type = '0', .name = ".wh.gone");
    ADD(&bed, 1, .type = '0', .name = "hidden/.wh..wh..opq");
    ADD(&bed, 2, .type = '0', .name = "srv/www/page", .content = "hi");
    ADD(&bed, 2, .type = '0', .name = "gone/again", .content = "new");
    ADD(&bed, 2, .type = '0', .name = "hidden/deep/x", .content = "new");
    ADD(&bed, 3, .type = '5', .name = "srv/www", .mode = 0750, .mtime = 1005);
    ADD(&bed, 3, .type = '0', .name = "srv/www/more", .content = "hi");
    bed_compose(&bed);
    for (size_t i = 4; i > 0; i--)
        EXPECT(make_layer(&bed, i - 1, 0, &bed.err));
    EXPECT(finish(&bed));
    for (size_t i = 1; i < 4; i++) {
        EXPECT(look(&bed, i, ".").st_mode == (S_IFDIR | 0711));
        EXPECT(look(&bed, i, ".").st_mtime == 1000);
    }
    EXPECT(look(&bed, 2, "srv").st_mode == (S_IFDIR | 02770));
    EXPECT(look(&bed, 2, "srv/www").st_mode == (S_IFDIR | 0700));
    EXPECT(look(&bed, 2, "srv/www").st_mtime == 1002);
    EXPECT(look(&bed, 3, "srv").st_mode == (S_IFDIR | 02770));
    EXPECT(look(&bed, 3, "srv/www").st_mode == (S_IFDIR | 0750));
    /* What a layer between took away does not show through. */
    EXPECT(look(&bed, 2, "gone").st_mode == (S_IFDIR | 0755));
    EXPECT(look(&bed, 2, "hidden/deep").st_mode == (S_IFDIR | 0755));
}

TEST(tells_what_was_left_out)
{
    const struct tree_losses losses = {
        .n_devices = 2, .n_owners = 7, .n_unmapped = 1, .n_xattrs = 3
    };
    nvb_auto_strv notes = { 0 };

    image_build_describe_losses(&losses, &notes);
    EXPECT(notes.n == 4);
    EXPECT(nvb_has_prefix(notes.items[2], "2 device nodes were left out"));
}
