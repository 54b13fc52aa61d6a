/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/stored_image.h"

#include <linux/capability.h>
#include <stdio.h>
#include <string.h>

#include "base/dirs.h"
#include "image/account.h"
#include "image/image_command.h"
#include "image/image_ids.h"
#include "image/image_root.h"
#include "request/capability.h"

static bool hold_layers(const struct nvb_store *store,
                        const char *dir,
                        struct nvb_stored_image *out,
                        struct nvb_err *err)
{
    const struct nvb_strv *chain = &out->image->chain_ids;

    for (size_t i = chain->n; i-- > 0;) {
        nvb_autofree char *path = nvb_layer_dup_path(chain->items[i]);
        int fd = nvb_store_hold_layer(store, chain->items[i], err);

        if (fd < 0)
            return nvb_while(err, "layer %zu of %zu is missing", i + 1, chain->n);
        nvb_overlay_add(&out->files, fd);
        nvb_strv_addf(&out->paths, "%s/%s", dir, path);
    }
    return true;
}

bool nvb_stored_image_open(const char *store_dir,
                           const char *name,
                           struct nvb_stored_image *out,
                           struct nvb_err *err)
{
    nvb_autofree char *dir = store_dir ? nvb_xstrdup(store_dir) : nvb_dir_dup_store();
    nvb_autoptr(nvb_store) store = NULL;
    struct nvb_stored_image image = { 0 };
    char digest[NVB_DIGEST_SIZE];
    const char *top = NULL;

    if (!nvb_store_open(dir, NVB_STORE_READ, &store, err) ||
        !nvb_store_find(store, name, digest, err))
        return false;
    if (!nvb_store_read_image(store, digest, &image.image, err) ||
        !hold_layers(store, dir, &image, err)) {
        nvb_stored_image_clear(&image);
        return false;
    }
    image.ids = *nvb_store_get_ids(store);
    top = image.image->chain_ids.n > 0 ? image.image->chain_ids.items[image.image->chain_ids.n - 1]
                                       : digest;
    (void)snprintf(image.key, sizeof(image.key), "image-%.16s", nvb_digest_hex(top));
    *out = image;
    return true;
}

void nvb_stored_image_clear(struct nvb_stored_image *image)
{
    nvb_image_free(image->image);
    nvb_overlay_clear(&image->files);
    nvb_strv_clear(&image->paths);
    *image = (struct nvb_stored_image){ 0 };
}

/* Root writes to a volume with the owner's id on the host behind it, root's own among them: a
 * setuid file made there would be a way out. */
static bool writes_to_host(const struct nvb_plan *plan)
{
    for (size_t i = 0; i < plan->edits.n_mounts; i++) {
        const struct nvb_mount *m = &plan->edits.mounts[i];

        if (m->kind == NVB_MOUNT_BIND && m->is_writable && m->is_mapped)
            return true;
    }
    return false;
}

static unsigned choose_openings(const struct nvb_container *c, const struct nvb_plan *plan)
{
    static const struct {
        unsigned capability;
        unsigned opening;
    } rows[] = {
        {CAP_SYS_CHROOT,  NVB_OPEN_CHROOT   },
        { CAP_SYS_PTRACE, NVB_OPEN_PTRACE   },
        { CAP_SYS_ADMIN,  NVB_OPEN_MOUNTS   },
        { CAP_SYS_NICE,   NVB_OPEN_PLACEMENT},
    };

    unsigned openings = 0;

    if (geteuid() != 0 || !writes_to_host(plan))
        openings |= NVB_OPEN_SETUID_FILES;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (c->capabilities & UINT64_C(1) << rows[i].capability)
            openings |= rows[i].opening;
    }
    return openings;
}

/* Frames that are made by hand pass the filter by, so nobody may make any beside a fence, unless that
 * was asked for by name. ping does without. */
static void keep_fence(struct nvb_container *c, uint64_t added)
{
    if (c->network == NVB_NETWORK_INTERNET)
        c->capabilities &= ~(UINT64_C(1) << CAP_NET_RAW) | added;
}

/* Another user than root keeps only what was added by name; docker would take that away, too. */
static bool
choose_capabilities(struct nvb_container *c, const struct nvb_plan *plan, struct nvb_err *err)
{
    const struct nvb_request *r = plan->request;
    uint64_t added = 0;
    static char all[] = "ALL";
    static char *const drop_all[] = { all };

    if (!nvb_capabilities_choose(r->added_caps, r->n_added_caps, r->dropped_caps, r->n_dropped_caps,
                                 &c->capabilities, err) ||
        !nvb_capabilities_choose(r->added_caps, r->n_added_caps, drop_all, 1, &added, err))
        return false;
    keep_fence(c, added);
    c->ambient = c->uid == 0 ? 0 : added & c->capabilities;
    c->openings = choose_openings(c, plan);
    return true;
}

static bool fill(const struct nvb_stored_image *image,
                 const struct nvb_plan *plan,
                 const struct nvb_host *host,
                 const struct nvb_account *user,
                 struct nvb_container *c,
                 struct nvb_strv *out_notes,
                 struct nvb_err *err)
{
    bool is_alone = false;

    if (!nvb_image_ids_choose(&image->ids, plan->request->userns, user, c, &is_alone, err) ||
        !choose_capabilities(c, plan, err))
        return false;
    if (is_alone) {
        nvb_strv_add(out_notes,
                     "you have no subordinate ids, so all files of images are their user's and "
                     "packages that need several users cannot be installed in them (nvbind doctor "
                     "says what to do)");
    }
    if (c->map.n_gids > 1 || c->map.gids[0].count > 1) {
        c->n_groups = user->n_groups;
        c->groups = nvb_xcalloc(user->n_groups, sizeof(*c->groups));
        for (size_t i = 0; i < user->n_groups; i++)
            c->groups[i] = user->groups[i];
    }
    return nvb_image_root_compose(image, plan, host, c, err);
}

bool nvb_stored_image_compose(const struct nvb_stored_image *image,
                              const struct nvb_plan *plan,
                              const struct nvb_host *host,
                              struct nvb_container **out,
                              struct nvb_strv *out_notes,
                              struct nvb_err *err)
{
    const struct nvb_request *request = plan->request;
    const char *wanted = request->user ? request->user : image->image->config->user;
    struct nvb_container_base base = { 0 };
    nvb_auto_account user = { 0 };
    nvb_autoptr(nvb_container) c = NULL;

    if (!nvb_account_find(&image->files, wanted, &user, err) ||
        !nvb_image_command_fill(image, plan, &user, &base, err))
        return false;
    c = nvb_container_new_on(plan, &base);
    nvb_container_base_clear(&base);
    if (!nvb_image_command_apply(image, plan, host, c, err) ||
        !fill(image, plan, host, &user, c, out_notes, err))
        return false;
    *out = nvb_steal(&c);
    return true;
}

struct nvb_plan_image nvb_stored_image_for_plan(const struct nvb_stored_image *image,
                                                const struct nvb_request *request)
{
    const char *words = request->trusts_image_gpu_env
                            ? nvb_env_get(&image->image->config->env, "NVIDIA_VISIBLE_DEVICES")
                            : NULL;

    return (struct nvb_plan_image){
        .key = image->key,
        .files = &image->files,
        .gpus = words && (!*words || strcmp(words, "void") == 0) ? "none" : words,
    };
}
