/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/image_ids.h"

#include <string.h>
#include <unistd.h>

static struct nvb_id_extent extent(unsigned inside, unsigned outside, unsigned count)
{
    return (struct nvb_id_extent){ .inside = inside, .outside = outside, .count = count };
}

static void set_one(struct nvb_id_map *map, struct nvb_id_extent uid, struct nvb_id_extent gid)
{
    *map = (struct nvb_id_map){ .uids = { uid }, .n_uids = 1, .gids = { gid }, .n_gids = 1 };
}

static bool
check_user(const struct nvb_id_map *map, const struct nvb_account *user, struct nvb_err *err)
{
    uint32_t outside = 0;

    if (nvb_id_map_find(map->uids, map->n_uids, user->uid, &outside) &&
        nvb_id_map_find(map->gids, map->n_gids, user->gid, &outside))
        return true;
    nvb_fail(err, NVB_D_IMAGE, NVB_E_UNSUPPORTED,
             "user %u:%u is beyond the ids that the container can have", user->uid, user->gid);
    return nvb_hint(err, "run it with --userns single, or as another user with -u");
}

/* Files of a store that has other ids than the container are shown with the container's. */
static size_t translate(const struct nvb_id_extent *store,
                        size_t n,
                        const struct nvb_id_extent *all,
                        struct nvb_id_extent *out)
{
    size_t n_out = 0;

    for (size_t i = 0; i < n; i++) {
        unsigned count = store[i].count;

        if (store[i].inside >= all->count)
            continue;
        count = count < all->count - store[i].inside ? count : all->count - store[i].inside;
        out[n_out++] = extent(store[i].outside, all->outside + store[i].inside, count);
    }
    return n_out;
}

static bool choose_range(const struct nvb_store_ids *store,
                         enum nvb_userns_wish wish,
                         const struct nvb_account *user,
                         struct nvb_container *c,
                         struct nvb_err *err)
{
    struct nvb_id_extent all = extent(0, 0, NVB_ID_RANGE);
    struct nvb_id_map range = { 0 };

    if (store->kind == NVB_IDS_RANGE) {
        range = nvb_store_ids_get_map(store);
    } else {
        if (!nvb_id_range_find(&all.outside, err))
            return false;
        set_one(&range, all, all);
        c->lower_ids.n_uids = translate(store->uids, store->n_uids, &all, c->lower_ids.uids);
        c->lower_ids.n_gids = translate(store->gids, store->n_gids, &all, c->lower_ids.gids);
    }
    if (!check_user(&range, user, err))
        return false;
    c->map = range;
    if (wish == NVB_USERNS_SINGLE) {
        set_one(&c->map, extent(user->uid, range.uids[0].outside + user->uid, 1),
                extent(user->gid, range.gids[0].outside + user->gid, 1));
    }
    return true;
}

static bool fail_full(struct nvb_err *err)
{
    nvb_fail(err, NVB_D_IMAGE, NVB_E_UNSUPPORTED,
             "--userns full needs subordinate ids, and user "
             "%u has none",
             geteuid());
    return nvb_hint(err, "as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 "
                         "NAME; and install uidmap (Debian, Ubuntu) or shadow (Arch)");
}

/* A store that was made without subordinate ids has only files of root's; that there are some now
 * still helps. */
static bool choose_users(const struct nvb_store_ids *store,
                         enum nvb_userns_wish wish,
                         const struct nvb_account *user,
                         struct nvb_container *c,
                         bool *out_is_alone,
                         struct nvb_err *err)
{
    struct nvb_store_ids now = *store;

    if (wish != NVB_USERNS_SINGLE && store->kind != NVB_IDS_FULL &&
        !nvb_store_ids_choose(&now, err))
        return false;
    if (wish != NVB_USERNS_SINGLE && now.kind == NVB_IDS_FULL) {
        c->map = nvb_store_ids_get_map(&now);
        return check_user(&c->map, user, err);
    }
    if (wish == NVB_USERNS_FULL)
        return fail_full(err);
    *out_is_alone = wish == NVB_USERNS_AUTO;
    set_one(&c->map, extent(user->uid, geteuid(), 1), extent(user->gid, getegid(), 1));
    return true;
}

bool nvb_image_ids_choose(const struct nvb_store_ids *store,
                          enum nvb_userns_wish wish,
                          const struct nvb_account *user,
                          struct nvb_container *c,
                          bool *out_is_alone,
                          struct nvb_err *err)
{
    bool is_range = false;

    *out_is_alone = false;
    if (!nvb_id_range_has(&is_range, err))
        return false;
    if (is_range)
        return choose_range(store, wish, user, c, err);
    if ((store->kind == NVB_IDS_RANGE || store->uids[0].outside != geteuid()) &&
        !nvb_store_ids_check(store, err))
        return false;
    return choose_users(store, wish, user, c, out_is_alone, err);
}

/* The other way round. */
static unsigned find_inside(const struct nvb_id_extent *extents, size_t n, unsigned outside)
{
    for (size_t i = 0; i < n; i++) {
        if (outside >= extents[i].outside && outside - extents[i].outside < extents[i].count)
            return extents[i].inside + (outside - extents[i].outside);
    }
    return extents[0].inside;
}

void nvb_image_ids_show(const struct nvb_container *c,
                        uid_t uid,
                        gid_t gid,
                        unsigned *out_uid,
                        unsigned *out_gid)
{
    const struct nvb_id_map *shown = &c->lower_ids;
    uint32_t seen_uid = uid;
    uint32_t seen_gid = gid;

    if (shown->n_uids > 0) {
        (void)nvb_id_map_find(shown->uids, shown->n_uids, uid, &seen_uid);
        (void)nvb_id_map_find(shown->gids, shown->n_gids, gid, &seen_gid);
    }
    *out_uid = find_inside(c->map.uids, c->map.n_uids, seen_uid);
    *out_gid = find_inside(c->map.gids, c->map.n_gids, seen_gid);
}
