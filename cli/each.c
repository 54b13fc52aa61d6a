/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "each.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "life/care.h"
#include "life/roster.h"
#include "say.h"

bool open_places(struct nvb_places *out, struct nvb_err *err)
{
    if (!nvb_places_open(out, err))
        return false;
    nvb_care_all(out);
    return true;
}

static bool act_on(const struct each *each,
                   const struct nvb_places *places,
                   const char *word,
                   char id[NVB_ID_SIZE],
                   struct nvb_err *err)
{
    return nvb_roster_find(places, word, id, err) && each->act(places, id, word, each->data, err);
}

int each_container(const struct each *each, char **words)
{
    nvb_auto_places places = NVB_PLACES_INIT;
    nvb_autoptr(nvb_json) json = nvb_json_new_object();
    struct nvb_json *done = nvb_json_new_array();
    nvb_auto_err err = { 0 };
    int status = EXIT_SUCCESS;

    nvb_json_set(json, "done", done);
    if (!open_places(&places, &err))
        return cmd_complain(&err, each->as_json);
    for (; *words; words++) {
        nvb_auto_err own = { 0 };
        char id[NVB_ID_SIZE] = "";

        if (!act_on(each, &places, *words, id, &own)) {
            (void)fflush(stdout);
            status = cmd_complain(&own, each->as_json);
        } else if (each->as_json) {
            nvb_json_append(done, nvb_json_new_str(id));
        } else if (!each->is_silent) {
            say(stdout, "%s", *words);
            (void)fflush(stdout);
        }
    }
    if (each->as_json && !each->is_silent)
        nvb_json_print(json, stdout);
    return status;
}
