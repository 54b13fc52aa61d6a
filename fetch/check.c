/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* check.c - `nvbind-fetch check`: is everything in the store what its name says? `nvbind-fetch
 * repair`: and what is broken is removed.
 *
 *   {"quick":true}                         contents of files are not read
 *   "done": {"faults":[{"text","repaired"}], "images","layers","blobs","unused","leftovers"} */
#include <fcntl.h>
#include <unistd.h>

#include "image/store_check.h"
#include "tree_index.h"
#include "word.h"

enum {
    FAULTS_MAX = 20, /* of one layer */
};

struct check {
    bool is_quick;
};

static bool
prepare(void *state, const struct nvb_json *request, struct jail *jail, struct nvb_err *err)
{
    struct check *check = state;

    (void)jail;
    (void)err;
    check->is_quick = nvb_json_get_bool(request, "quick");
    return true;
}

static bool verify_layer(void *data, int layer_fd, struct nvb_strv *out_faults, struct nvb_err *err)
{
    nvb_autoclose int diff_fd =
        openat(layer_fd, "diff", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    (void)data;
    if (diff_fd < 0)
        return nvb_fail_errno(err, NVB_D_IMAGE, "its files are gone");
    return tree_index_verify(layer_fd, diff_fd, FAULTS_MAX, out_faults, err);
}

static struct nvb_json *result_to_json(const struct nvb_check_result *result)
{
    struct nvb_json *done = nvb_json_new_object();
    struct nvb_json *faults = nvb_json_new_array();

    for (size_t i = 0; i < result->n; i++) {
        struct nvb_json *row = nvb_json_new_object();
        nvb_autofree char *text = report_dup_text(result->items[i].text);

        nvb_json_set_str(row, "text", text);
        nvb_json_set_bool(row, "repaired", result->items[i].is_repaired);
        nvb_json_append(faults, row);
    }
    nvb_json_set(done, "faults", faults);
    nvb_json_set_u64(done, "images", result->n_images);
    nvb_json_set_u64(done, "layers", result->n_layers);
    nvb_json_set_u64(done, "blobs", result->n_blobs);
    nvb_json_set_u64(done, "unused", result->n_unused);
    nvb_json_set_u64(done, "leftovers", result->n_leftovers);
    return done;
}

static bool check_store(const struct check *check,
                        bool may_repair,
                        struct nvb_json **out_done,
                        struct nvb_err *err)
{
    nvb_autoptr(nvb_store) store = NULL;
    struct nvb_check_result result = { 0 };
    const struct nvb_check_options options = {
        .may_repair = may_repair,
        .verify_layer = check->is_quick ? NULL : verify_layer,
    };

    if (!nvb_store_open("/store", may_repair ? NVB_STORE_WRITE : NVB_STORE_READ, &store, err) ||
        !nvb_store_check(store, &options, &result, err))
        return false;
    *out_done = result_to_json(&result);
    nvb_check_result_clear(&result);
    return true;
}

static bool
work_check(void *state, struct report *report, struct nvb_json **out_done, struct nvb_err *err)
{
    (void)report;
    return check_store(state, false, out_done, err);
}

static bool
work_repair(void *state, struct report *report, struct nvb_json **out_done, struct nvb_err *err)
{
    (void)report;
    return check_store(state, true, out_done, err);
}

const struct word word_check = {
    .name = "check",
    .state_size = sizeof(struct check),
    .prepare = prepare,
    .work = work_check,
};

const struct word word_repair = {
    .name = "repair",
    .state_size = sizeof(struct check),
    .is_writer = true,
    .prepare = prepare,
    .work = work_repair,
};
