/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/stored_image.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/image_ids.h"
#include "store_bed.h"
#include "test.h"
#include "tree.h"

enum {
    BASE = 0x70000000,
};

/* A store with an image "a" of one layer, which holds whatever is put into it. */
struct bed {
    const char *dir;
    struct nvb_store *store;
    int layer_fd;
    struct nvb_stored_image image;
    struct nvb_request *request;
    struct nvb_plan plan;
    struct nvb_plan_image for_plan;
    struct nvb_host *host;
    struct nvb_container *c;
    struct nvb_strv notes;
    struct nvb_err err;
};

static void bed_make(struct bed *bed)
{
    static const int layers[] = { 1 };
    char digest[NVB_DIGEST_SIZE];
    char chain[NVB_DIGEST_SIZE];

    *bed = (struct bed){ .dir = tree_new() };
    bed->store = store_bed_new(bed->dir);
    store_bed_put(bed->store, "a", layers, 1, digest);
    store_bed_chain(layers, 1, chain);
    bed->layer_fd = nvb_store_open_layer(bed->store, chain, &bed->err);
    EXPECT(bed->layer_fd >= 0 && fchmod(bed->layer_fd, 0755) == 0);
    bed->request = nvb_request_new();
    bed->request->image = nvb_xstrdup("a");
    bed->request->entrypoint = nvb_xstrdup("/file");
    EXPECT(nvb_host_open(tree_new(), &bed->host, &bed->err));
}

static bool bed_compose(struct bed *bed)
{
    nvb_container_free(bed->c);
    bed->c = NULL;
    if (!bed->image.image)
        EXPECT(nvb_stored_image_open(bed->dir, "a", &bed->image, &bed->err));
    bed->for_plan = nvb_stored_image_for_plan(&bed->image, bed->request);
    bed->plan.request = bed->request;
    bed->plan.image = &bed->for_plan;
    return nvb_stored_image_compose(&bed->image, &bed->plan, bed->host, &bed->c, &bed->notes,
                                    &bed->err);
}

static void bed_clear(struct bed *bed)
{
    nvb_stored_image_clear(&bed->image);
    nvb_store_free(bed->store);
    nvb_request_free(bed->request);
    nvb_host_free(bed->host);
    nvb_container_free(bed->c);
    nvb_strv_clear(&bed->notes);
    nvb_edits_clear(&bed->plan.edits);
    nvb_err_clear(&bed->err);
    (void)close(bed->layer_fd);
}

#define auto_bed __attribute__((cleanup(bed_clear))) struct bed

static const struct nvb_root_step none;

/* One of no kind when there is none. */
static const struct nvb_root_step *find_step(const struct nvb_container *c, const char *path)
{
    for (size_t i = 0; i < c->n_steps; i++) {
        if (strcmp(c->steps[i].path, path) == 0)
            return &c->steps[i];
    }
    return &none;
}

static bool has_step(const struct nvb_container *c, const char *path)
{
    return find_step(c, path) != &none;
}

TEST(an_image_that_is_not_there_is_not_found)
{
    auto_bed bed;
    nvb_auto_err err = { 0 };

    bed_make(&bed);
    EXPECT(!nvb_stored_image_open(bed.dir, "b", &bed.image, &err));
    EXPECT(err.kind == NVB_E_NOT_FOUND);
}

TEST(the_root_is_the_layers_with_our_files_in_the_writable_one)
{
    auto_bed bed;
    const struct nvb_root_step *etc = NULL;

    bed_make(&bed);
    EXPECT(mkdirat(bed.layer_fd, "etc", 0750) == 0);
    EXPECT(bed_compose(&bed));
    EXPECT(bed.c->lowers.n == 1 && nvb_has_prefix(bed.c->lowers.items[0], bed.dir));
    EXPECT(bed.c->steps[0].kind == NVB_ROOT_OVERLAY && !bed.c->steps[0].source);
    EXPECT(find_step(bed.c, "/proc")->is_layered && find_step(bed.c, "/dev")->mode == 0755);
    etc = find_step(bed.c, "/etc");
    EXPECT(etc->is_layered && etc->mode == 0750 && etc->uid == 0 && etc->gid == 0);
    EXPECT(find_step(bed.c, "/etc/hostname")->kind == NVB_ROOT_FILE);
    EXPECT(has_step(bed.c, "/etc/hosts") &&
           strstr(find_step(bed.c, "/etc/hosts")->content, bed.c->hostname) != NULL);
    EXPECT(!has_step(bed.c, "/etc/resolv.conf")); /* no network, nobody to ask */
}

TEST(a_parent_that_is_a_link_is_written_through_inside_of_the_image)
{
    auto_bed bed;

    bed_make(&bed);
    EXPECT(mkdirat(bed.layer_fd, "usr", 0755) == 0 && mkdirat(bed.layer_fd, "usr/etc", 0700) == 0);
    EXPECT(symlinkat("/usr/etc", bed.layer_fd, "etc") == 0);
    EXPECT(bed_compose(&bed));
    EXPECT(has_step(bed.c, "/usr/etc/hosts") && !has_step(bed.c, "/etc/hosts"));
    EXPECT(find_step(bed.c, "/usr/etc")->mode == 0700);
}

TEST(a_parent_that_is_no_directory_gets_none_of_our_files)
{
    auto_bed bed;
    auto_bed outside;
    auto_bed edited;

    bed_make(&bed);
    EXPECT(mkfifoat(bed.layer_fd, "etc", 0644) == 0);
    EXPECT(bed_compose(&bed) && !has_step(bed.c, "/etc/hosts"));
    bed_make(&outside);
    EXPECT(symlinkat("/../../nowhere", outside.layer_fd, "etc") == 0);
    EXPECT(bed_compose(&outside));
    for (size_t i = 0; i < outside.c->n_steps; i++)
        EXPECT(!strstr(outside.c->steps[i].path, ".."));
    bed_make(&edited);
    EXPECT(mkfifoat(edited.layer_fd, "etc", 0644) == 0);
    nvb_edits_add_file(&edited.plan.edits, "/etc/vulkan/x.json", "{}", 2, 0644);
    EXPECT(!bed_compose(&edited));
    EXPECT(edited.err.kind == NVB_E_CONFLICT);
}

TEST(edits_are_moved_to_their_real_places)
{
    auto_bed bed;

    bed_make(&bed);
    EXPECT(mkdirat(bed.layer_fd, "real", 0755) == 0);
    EXPECT(symlinkat("real", bed.layer_fd, "opt") == 0);
    nvb_edits_add_file(&bed.plan.edits, "/opt/new/x", "x", 1, 0644);
    nvb_edits_add_file(&bed.plan.edits, "/proc/driver/x", "x", 1, 0644);
    (void)nvb_edits_add_bind(&bed.plan.edits, "/host", "/opt/volume");
    EXPECT(bed_compose(&bed));
    EXPECT_STR(bed.c->edits.mounts[0].container_path, "/real/new/x");
    EXPECT_STR(bed.c->edits.mounts[1].container_path, "/proc/driver/x");
    EXPECT_STR(bed.c->edits.mounts[2].container_path, "/opt/volume"); /* found when it is mounted */
    EXPECT(has_step(bed.c, "/real"));
}

TEST(capabilities_are_dockers_and_another_user_keeps_only_what_was_added)
{
    auto_bed bed;

    bed_make(&bed);
    EXPECT(bed_compose(&bed));
    EXPECT(bed.c->capabilities & UINT64_C(1) << CAP_CHOWN && bed.c->ambient == 0);
    EXPECT(!(bed.c->capabilities & UINT64_C(1) << CAP_SYS_ADMIN));
    EXPECT(bed.c->openings == (NVB_OPEN_CHROOT | NVB_OPEN_SETUID_FILES));
    EXPECT(nvb_request_add_capability(bed.request, "SYS_ADMIN", &bed.err));
    bed.request->user = nvb_xstrdup("12:34");
    EXPECT(bed_compose(&bed));
    EXPECT(bed.c->uid == 12 && bed.c->gid == 34);
    EXPECT(bed.c->ambient == UINT64_C(1) << CAP_SYS_ADMIN);
    EXPECT(bed.c->openings & NVB_OPEN_MOUNTS);
    EXPECT(nvb_request_drop_capability(bed.request, "ALL", &bed.err));
    EXPECT(bed_compose(&bed));
    EXPECT(bed.c->capabilities == UINT64_C(1) << CAP_SYS_ADMIN);
    EXPECT(!(bed.c->openings & NVB_OPEN_CHROOT));
}

TEST(beside_a_fence_nobody_may_pass_it_unasked)
{
    static const uint64_t raw = UINT64_C(1) << CAP_NET_RAW;
    auto_bed bed;

    bed_make(&bed);
    EXPECT(bed_compose(&bed));
    EXPECT(bed.c->capabilities & raw);
    bed.request->network = NVB_NETWORK_INTERNET;
    EXPECT(bed_compose(&bed));
    EXPECT(!(bed.c->capabilities & raw));
    EXPECT(nvb_request_add_capability(bed.request, "NET_RAW", &bed.err));
    EXPECT(bed_compose(&bed));
    EXPECT(bed.c->capabilities & raw);
}

TEST(behind_a_volume_of_roots_no_setuid_file_is_made)
{
    auto_bed bed;
    struct nvb_mount *m = NULL;

    bed_make(&bed);
    m = nvb_edits_add_bind(&bed.plan.edits, "/host", "/volume");
    m->is_mapped = true;
    EXPECT(bed_compose(&bed) && bed.c->openings & NVB_OPEN_SETUID_FILES);
    bed.plan.edits.mounts[0].is_writable = true;
    EXPECT(bed_compose(&bed));
    EXPECT(!(bed.c->openings & NVB_OPEN_SETUID_FILES) == (geteuid() == 0));
}

static bool choose(const struct nvb_store_ids *store,
                   enum nvb_userns_wish wish,
                   unsigned uid,
                   struct nvb_container *c,
                   bool *out_is_alone)
{
    struct nvb_account user = { .uid = uid, .gid = uid };
    nvb_auto_err err = { 0 };

    return nvb_image_ids_choose(store, wish, &user, c, out_is_alone, &err);
}

TEST(root_takes_the_stores_range_or_shows_another_stores_files_with_its_own)
{
    const struct nvb_store_ids range = {
        .kind = NVB_IDS_RANGE,
        .uids = { { 0, BASE, NVB_ID_RANGE } },
        .n_uids = 1,
        .gids = { { 0, BASE, NVB_ID_RANGE } },
        .n_gids = 1,
    };
    const struct nvb_store_ids full = {
        .kind = NVB_IDS_FULL,
        .uids = {{ 0, 1000, 1 },  { 1, 200000, 65536 }},
        .n_uids = 2,
        .gids = { { 0, 1000, 1 }, { 1, 200000, 65536 }},
        .n_gids = 2,
    };
    struct nvb_container c = { 0 };
    struct nvb_container theirs = { 0 };
    struct nvb_container single = { 0 };
    bool is_alone = false;
    unsigned uid = 0;
    unsigned gid = 0;

    if (geteuid() != 0)
        SKIP("not started as root");
    EXPECT(choose(&range, NVB_USERNS_AUTO, 33, &c, &is_alone));
    EXPECT(c.map.uids[0].outside == BASE && c.lower_ids.n_uids == 0 && !is_alone);
    nvb_image_ids_show(&c, BASE + 5, BASE + 6, &uid, &gid);
    EXPECT(uid == 5 && gid == 6);
    EXPECT(!choose(&range, NVB_USERNS_AUTO, 70000, &c, &is_alone));
    EXPECT(choose(&full, NVB_USERNS_AUTO, 33, &theirs, &is_alone));
    EXPECT(theirs.lower_ids.n_uids == 2 && theirs.lower_ids.uids[1].inside == 200000);
    EXPECT(theirs.lower_ids.uids[1].count == 65535); /* its last id has no room */
    nvb_image_ids_show(&theirs, 1000, 200032, &uid, &gid);
    EXPECT(uid == 0 && gid == 33);
    EXPECT(choose(&range, NVB_USERNS_SINGLE, 33, &single, &is_alone));
    EXPECT(single.map.uids[0].inside == 33 && single.map.uids[0].outside == BASE + 33 &&
           single.map.uids[0].count == 1);
}

TEST(a_user_takes_subordinate_ids_or_one)
{
    struct nvb_store_ids full = {
        .kind = NVB_IDS_FULL,
        .uids = {{ 0, 65534, 1 },  { 1, 200000, 65536 }},
        .n_uids = 2,
        .gids = { { 0, 65534, 1 }, { 1, 200000, 65536 }},
        .n_gids = 2,
    };
    struct nvb_store_ids single = full;
    struct nvb_container c = { 0 };
    const char *without_newuidmap = tree_new();
    bool is_alone = false;
    unsigned uid = 0;
    unsigned gid = 0;

    if (geteuid() == 0)
        EXPECT(setresgid(65534, 65534, 65534) == 0 && setresuid(65534, 65534, 65534) == 0);
    full.uids[0].outside = geteuid();
    single = full;
    single.kind = NVB_IDS_SINGLE;
    single.n_uids = single.n_gids = 1;
    (void)setenv("PATH", without_newuidmap, 1);
    EXPECT(choose(&full, NVB_USERNS_AUTO, 33, &c, &is_alone));
    EXPECT(c.map.is_helped && c.map.n_uids == 2 && !is_alone);
    EXPECT(choose(&full, NVB_USERNS_SINGLE, 33, &c, &is_alone));
    EXPECT(!c.map.is_helped && c.map.uids[0].inside == 33 && c.map.uids[0].outside == geteuid());
    EXPECT(!is_alone); /* as asked */
    EXPECT(choose(&single, NVB_USERNS_AUTO, 33, &c, &is_alone) && is_alone);
    nvb_image_ids_show(&c, geteuid(), getegid(), &uid, &gid);
    EXPECT(uid == 33 && gid == 33);
    EXPECT(!choose(&single, NVB_USERNS_FULL, 33, &c, &is_alone));
    single.uids[0].outside = geteuid() + 1;
    EXPECT(!choose(&single, NVB_USERNS_AUTO, 33, &c, &is_alone));
}
