/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image_sweep.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "cmd.h"
#include "image_size.h"
#include "say.h"

static void
print_as_json(const struct nvb_strv *names, const struct nvb_sweep_result *result, bool is_busy)
{
    nvb_autoptr(nvb_json) json = nvb_json_new_object();

    nvb_json_set(json, "names", nvb_json_new_strv(names));
    nvb_json_set_u64(json, "layers", result->n_layers);
    nvb_json_set_u64(json, "blobs", result->n_blobs);
    nvb_json_set_u64(json, "bytes", result->size_bytes);
    nvb_json_set_bool(json, "busy", is_busy);
    nvb_json_print(json, stdout);
}

static void print_text(const struct nvb_sweep_result *result, bool is_busy)
{
    nvb_autofree char *size = image_size_dup_text(result->size_bytes);

    if (is_busy) {
        (void)fprintf(stderr, "nvbind: another nvbind works in the store; 'nvbind prune' gives the "
                              "room back later\n");
    } else if (result->n_layers + result->n_blobs > 0) {
        printf("removed %zu %s, %s\n", result->n_layers, result->n_layers == 1 ? "layer" : "layers",
               size);
    }
}

int image_sweep(const struct nvb_strv *names, bool may_wait, bool as_json)
{
    struct nvb_sweep_result result = { 0 };
    nvb_auto_err err = { 0 };
    bool is_busy = false;

    for (size_t i = 0; i < names->n && !as_json; i++)
        say(stdout, "untagged %s", names->items[i]);
    (void)fflush(stdout);
    if (!nvb_image_sweep(may_wait, &result, &is_busy, &err)) {
        nvb_while(&err, "cannot give the room back");
        return cmd_complain(&err, as_json);
    }
    if (as_json) {
        print_as_json(names, &result, is_busy);
    } else {
        print_text(&result, is_busy);
    }
    return EXIT_SUCCESS;
}
