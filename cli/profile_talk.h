/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* profile_talk.h - telling what an edit of a profile did. */
#pragma once

#include "nvbind/profile.h"

/* Tell the change ("set frames.cap in FILE"), or the error when `ok` is false; gives the exit
 * status, and clears the change. `what` is what was done, "set 'frames.cap' in". */
int profile_tell(bool ok,
                 const char *what,
                 struct nvb_profile_change *change,
                 const struct nvb_err *err,
                 bool as_json);

/* The commands that change one setting have the same options and shape. */
struct profile_edit {
    bool (*set)(const char *name,
                const char *key,
                const char *value,
                struct nvb_profile_change *out_change,
                struct nvb_err *err);
    bool (*unset)(const char *name,
                  const char *key,
                  struct nvb_profile_change *out_change,
                  struct nvb_err *err);
};

/* words: NAME KEY, and for `set` VALUE. */
int profile_edit_run(const struct profile_edit *edit, char *const *words, bool as_json);
