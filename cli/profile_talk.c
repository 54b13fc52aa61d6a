/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "profile_talk.h"

#include <stdlib.h>

#include "base/json.h"
#include "cmd.h"
#include "say.h"

static void print_change(const char *what, const struct nvb_profile_change *change)
{
    if (change->copied_from)
        say(stdout, "copied '%s' to '%s'", change->copied_from, change->path);
    if (change->is_unchanged) {
        say(stdout, "nothing to do: it is so already");
    } else {
        say(stdout, "%s '%s'", what, change->path);
    }
}

int profile_tell(bool ok,
                 const char *what,
                 struct nvb_profile_change *change,
                 const struct nvb_err *err,
                 bool as_json)
{
    nvb_autoptr(nvb_json) json = NULL;

    if (!ok)
        return cmd_complain(err, as_json);
    if (as_json) {
        json = nvb_json_new_object();
        nvb_json_set_str(json, "file", change->path);
        nvb_json_set_str(json, "copied_from", change->copied_from);
        nvb_json_set_bool(json, "changed", !change->is_unchanged);
        nvb_json_print(json, stdout);
    } else {
        print_change(what, change);
    }
    nvb_profile_change_clear(change);
    return EXIT_SUCCESS;
}

int profile_edit_run(const struct profile_edit *edit, char *const *words, bool as_json)
{
    nvb_autofree char *what = nvb_xasprintf("%s '%s' in", edit->set ? "set" : "unset", words[1]);
    struct nvb_profile_change change = { 0 };
    nvb_auto_err err = { 0 };
    bool ok = edit->set ? edit->set(words[0], words[1], words[2], &change, &err)
                        : edit->unset(words[0], words[1], &change, &err);

    return profile_tell(ok, what, &change, &err, as_json);
}
