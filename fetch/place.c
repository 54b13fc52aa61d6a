/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* place.c - `nvbind-fetch place`: an archive on descriptor NVB_FETCH_GIVEN becomes files of the caller's.
 *
 *   {"path":"/srv/root", "owners":true}
 *
 * With owners the files get those of the archive as far as the caller may give them; without, all of
 * them are the caller's own and nothing is setuid. What is in the way is replaced, directories are
 * gone into; no link, of the archive or of the directory, leads out of it. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "image/fetcher.h"
#include "image_build.h"
#include "unpack.h"
#include "word.h"

#define OUTPUT "/output"

enum {
    MAP_MAX = 4 << 10,
};

struct place {
    char *path; /* owned */
    bool has_owners;
    struct nvb_store_ids ids; /* of the files */
};

static struct nvb_store_ids only_own_ids(void)
{
    return (struct nvb_store_ids){
        .kind = NVB_IDS_SINGLE,
        .uids = { { 0, geteuid(), 1 } },
        .n_uids = 1,
        .gids = { { 0, getegid(), 1 } },
        .n_gids = 1,
    };
}

/* Every id that we have ourselves, as itself: "INSIDE OUTSIDE COUNT" a line. */
static bool
read_map(const char *path, struct nvb_id_extent *out, size_t *out_n, struct nvb_err *err)
{
    nvb_autofree char *text = NULL;
    const char *line = NULL;
    int len = 0;
    uint32_t id = 0;
    uint32_t count = 0;

    if (!nvb_read_file(AT_FDCWD, path, MAP_MAX, &text, NULL, err))
        return false;
    for (line = text; *out_n < NVB_ID_EXTENTS_MAX && sscanf(line, "%u %*u %u\n%n", &id, &count,
                                                            &len) == 2; /* NOLINT(cert-err34-c) */
         line += len)
        out[(*out_n)++] = (struct nvb_id_extent){ id, id, count };
    return *out_n > 0 || nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "'%s' has no ids", path);
}

static bool choose_ids(struct place *place, struct jail *jail, struct nvb_err *err)
{
    if (geteuid() == 0) {
        jail->ids.kind = NVB_IDS_RANGE;
        if (!read_map("/proc/self/uid_map", jail->ids.uids, &jail->ids.n_uids, err) ||
            !read_map("/proc/self/gid_map", jail->ids.gids, &jail->ids.n_gids, err))
            return false;
    } else if (!place->has_owners) {
        jail->ids = only_own_ids();
    } else if (!nvb_store_ids_choose(&jail->ids, err)) {
        return false;
    }
    place->ids = place->has_owners ? jail->ids : only_own_ids();
    return true;
}

static bool
prepare(void *state, const struct nvb_json *request, struct jail *jail, struct nvb_err *err)
{
    struct place *place = state;
    const char *path = nvb_json_get_str(request, "path");
    int fd = -1;

    if (!path)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "no directory is given");
    place->path = nvb_xstrdup(path);
    place->has_owners = nvb_json_get_bool(request, "owners");
    fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot open '%s'", path);
    jail_add(jail, fd, OUTPUT, true);
    return choose_ids(place, jail, err);
}

static bool
unpack_it(const struct place *place, int fd, struct nvb_strv *notes, struct nvb_err *err)
{
    nvb_autoptr(file_source) file = file_source_new(NVB_FETCH_GIVEN, "the archive");
    const struct source source = file_source_get(file);
    const struct unpack_job job = {
        .name = "it",
        .diff_fd = fd,
        .ids = &place->ids,
        .is_copy = true,
        .limits = unpack_limits_default(),
    };
    struct unpack_result result = { 0 };

    if (!unpack(&job, &source, &result, err))
        return nvb_while(err, "cannot write all of it to '%s'", place->path);
    if (!place->has_owners)
        result.losses.n_owners = result.losses.n_setuid = 0; /* as it was wished */
    image_build_describe_losses(&result.losses, notes);
    unpack_result_clear(&result);
    return true;
}

static bool
work(void *state, struct report *report, struct nvb_json **out_done, struct nvb_err *err)
{
    const struct place *place = state;
    nvb_autoclose int fd = open(OUTPUT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    nvb_auto_strv notes = { 0 };

    (void)out_done;
    if (fd < 0)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot open '%s'", place->path);
    if (!unpack_it(place, fd, &notes, err))
        return false;
    for (size_t i = 0; i < notes.n; i++)
        report_note(report, notes.items[i]);
    return true;
}

static void clear(void *state)
{
    free(((struct place *)state)->path);
}

const struct word word_place = {
    .name = "place",
    .state_size = sizeof(struct place),
    .has_no_store = true,
    .prepare = prepare,
    .work = work,
    .clear = clear,
};
