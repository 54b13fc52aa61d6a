/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/store_ids.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"

#define IDS_FILE "ids.json"

enum {
    FILE_MAX = 64 << 10,
    ACCOUNTS_MAX = 16 << 20,
};

static const char *const kind_names[] = {
    [NVB_IDS_SINGLE] = "single",
    [NVB_IDS_FULL] = "full",
    [NVB_IDS_RANGE] = "range",
};

static bool has_program(const char *name)
{
    const char *path = getenv("PATH");
    const char *p = path ? path : "/usr/bin:/bin";

    while (*p) {
        size_t len = strcspn(p, ":");
        nvb_autofree char *file = nvb_xasprintf("%.*s/%s", (int)len, p, name);

        if (*p == '/' && access(file, X_OK) == 0)
            return true;
        p += len + (p[len] == ':');
    }
    return false;
}

/* The user's subordinate ids behind the own one; 0 when there are none. */
static size_t read_subordinate(const char *path, uint32_t own, struct nvb_id_extent *out)
{
    const struct passwd *entry = getpwuid(geteuid()); // NOLINT(concurrency-mt-unsafe): at the start
    nvb_autofree char *text = NULL;
    nvb_auto_err absent = { 0 };
    size_t n = 0;

    out[0] = (struct nvb_id_extent){ .inside = 0, .outside = own, .count = 1 };
    if (!nvb_read_file(AT_FDCWD, path, ACCOUNTS_MAX, &text, NULL, &absent))
        return 0;
    n = nvb_id_range_subordinate(text, entry ? entry->pw_name : NULL, geteuid(), out + 1,
                                 NVB_ID_EXTENTS_MAX - 1);
    return n > 0 ? n + 1 : 0;
}

static bool choose_full(struct nvb_store_ids *out)
{
    if (geteuid() == 0 || !has_program("newuidmap") || !has_program("newgidmap"))
        return false;
    out->n_uids = read_subordinate("/etc/subuid", geteuid(), out->uids);
    out->n_gids = read_subordinate("/etc/subgid", getegid(), out->gids);
    return out->n_uids > 0 && out->n_gids > 0;
}

static void set_all(struct nvb_store_ids *out,
                    enum nvb_store_ids_kind kind,
                    struct nvb_id_extent uid,
                    struct nvb_id_extent gid)
{
    *out = (struct nvb_store_ids){
        .kind = kind, .uids = { uid }, .n_uids = 1, .gids = { gid }, .n_gids = 1
    };
}

bool nvb_store_ids_choose(struct nvb_store_ids *out, struct nvb_err *err)
{
    bool is_range = false;
    unsigned base = 0;

    if (!nvb_id_range_has(&is_range, err) || (is_range && !nvb_id_range_find(&base, err)))
        return false;
    *out = (struct nvb_store_ids){ 0 };
    if (is_range) {
        struct nvb_id_extent all = { .inside = 0, .outside = base, .count = NVB_ID_RANGE };

        set_all(out, NVB_IDS_RANGE, all, all);
    } else if (choose_full(out)) {
        out->kind = NVB_IDS_FULL;
    } else {
        set_all(out, NVB_IDS_SINGLE, (struct nvb_id_extent){ 0, geteuid(), 1 },
                (struct nvb_id_extent){ 0, getegid(), 1 });
    }
    return true;
}

static struct nvb_json *extents_to_json(const struct nvb_id_extent *extents, size_t n)
{
    struct nvb_json *list = nvb_json_new_array();

    for (size_t i = 0; i < n; i++) {
        struct nvb_json *row = nvb_json_new_array();

        nvb_json_append(row, nvb_json_new_u64(extents[i].inside));
        nvb_json_append(row, nvb_json_new_u64(extents[i].outside));
        nvb_json_append(row, nvb_json_new_u64(extents[i].count));
        nvb_json_append(list, row);
    }
    return list;
}

bool nvb_store_ids_write(int store_fd, const struct nvb_store_ids *ids, struct nvb_err *err)
{
    nvb_autoptr(nvb_json) json = nvb_json_new_object();
    nvb_autofree char *text = NULL;

    nvb_json_set_str(json, "kind", kind_names[ids->kind]);
    nvb_json_set(json, "uids", extents_to_json(ids->uids, ids->n_uids));
    nvb_json_set(json, "gids", extents_to_json(ids->gids, ids->n_gids));
    text = nvb_json_dup_text(json, false);
    return nvb_write_file(store_fd, IDS_FILE, text, strlen(text), 0644, err);
}

static bool read_number(const struct nvb_json *row, size_t i, uint32_t *out)
{
    uint64_t number = 0;

    if (!nvb_json_read_u64(nvb_json_at(row, i), &number) || number > UINT32_MAX)
        return false;
    *out = (uint32_t)number;
    return true;
}

static bool extents_from_json(const struct nvb_json *list, struct nvb_id_extent *out, size_t *out_n)
{
    size_t n = nvb_json_length(list);

    if (n == 0 || n > NVB_ID_EXTENTS_MAX)
        return false;
    for (size_t i = 0; i < n; i++) {
        const struct nvb_json *row = nvb_json_at(list, i);

        if (nvb_json_length(row) != 3 || !read_number(row, 0, &out[i].inside) ||
            !read_number(row, 1, &out[i].outside) || !read_number(row, 2, &out[i].count))
            return false;
    }
    *out_n = n;
    return out[0].inside == 0;
}

static bool from_json(const struct nvb_json *json, struct nvb_store_ids *out)
{
    const char *kind = nvb_json_get_str(json, "kind");

    for (size_t i = NVB_IDS_SINGLE; kind && i <= NVB_IDS_RANGE; i++) {
        if (strcmp(kind, kind_names[i]) == 0)
            out->kind = (enum nvb_store_ids_kind)i;
    }
    return out->kind != 0 &&
           extents_from_json(nvb_json_get(json, "uids"), out->uids, &out->n_uids) &&
           extents_from_json(nvb_json_get(json, "gids"), out->gids, &out->n_gids);
}

bool nvb_store_ids_read(int store_fd, struct nvb_store_ids *out, struct nvb_err *err)
{
    nvb_autofree char *text = NULL;
    nvb_autoptr(nvb_json) json = NULL;
    struct nvb_store_ids ids = { 0 };
    size_t len = 0;

    if (!nvb_read_file(store_fd, IDS_FILE, FILE_MAX, &text, &len, err) ||
        !nvb_json_parse(text, len, IDS_FILE, &json, err))
        return false;
    if (!from_json(json, &ids))
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID,
                        "'" IDS_FILE "' does not say whose ids the images' files have");
    *out = ids;
    return true;
}

static bool covers(const struct nvb_id_extent *have,
                   size_t n_have,
                   const struct nvb_id_extent *want,
                   size_t n_want)
{
    for (size_t i = 0; i < n_want; i++) {
        bool is_there = false;

        for (size_t j = 0; j < n_have && !is_there; j++)
            is_there =
                have[j].outside <= want[i].outside && (uint64_t)have[j].outside + have[j].count >=
                                                          (uint64_t)want[i].outside + want[i].count;
        if (!is_there)
            return false;
    }
    return true;
}

bool nvb_store_ids_check(const struct nvb_store_ids *ids, struct nvb_err *err)
{
    struct nvb_id_extent uids[NVB_ID_EXTENTS_MAX];
    struct nvb_id_extent gids[NVB_ID_EXTENTS_MAX];
    size_t n_uids = 0;
    size_t n_gids = 0;

    if (ids->kind == NVB_IDS_RANGE && geteuid() != 0) {
        nvb_fail(err, NVB_D_IMAGE, NVB_E_DENIED, "the store belongs to root");
        return nvb_hint(err, "run nvbind as root, or without NVBIND_STORE to use your own");
    }
    if (ids->kind != NVB_IDS_RANGE && ids->uids[0].outside != geteuid()) {
        nvb_fail(err, NVB_D_IMAGE, NVB_E_DENIED, "the store belongs to user %u",
                 ids->uids[0].outside);
        return nvb_hint(err, "run nvbind as that user, or without NVBIND_STORE to use your own");
    }
    if (ids->kind != NVB_IDS_FULL)
        return true;
    n_uids = read_subordinate("/etc/subuid", ids->uids[0].outside, uids);
    n_gids = read_subordinate("/etc/subgid", ids->gids[0].outside, gids);
    if (covers(uids, n_uids, ids->uids, ids->n_uids) &&
        covers(gids, n_gids, ids->gids, ids->n_gids))
        return true;
    nvb_fail(err, NVB_D_IMAGE, NVB_E_CONFLICT,
             "the files of the store have subordinate ids that are not yours any longer");
    return nvb_hint(
        err, "give back %u:%u to /etc/subuid and %u:%u to /etc/subgid, or remove the store",
        ids->uids[1].outside, ids->uids[1].count, ids->gids[1].outside, ids->gids[1].count);
}

struct nvb_id_map nvb_store_ids_get_map(const struct nvb_store_ids *ids)
{
    struct nvb_id_map map = { .n_uids = ids->n_uids,
                              .n_gids = ids->n_gids,
                              .is_helped = ids->kind == NVB_IDS_FULL };

    memcpy(map.uids, ids->uids, sizeof(map.uids));
    memcpy(map.gids, ids->gids, sizeof(map.gids));
    return map;
}

bool nvb_store_ids_map(const struct nvb_store_ids *ids, pid_t pid, struct nvb_err *err)
{
    struct nvb_id_map map = nvb_store_ids_get_map(ids);
    struct nvb_id_map_work work = NVB_ID_MAP_WORK_INIT;

    bool ok = nvb_id_map_begin(&map, pid, &work, err);

    return nvb_id_map_end(&work, err) && ok;
}
