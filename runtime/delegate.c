/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "delegate.h"

#include <string.h>
#include <unistd.h>

bool delegate_execute(const char *program, char **words, struct nvb_err *err)
{
    nvb_auto_strv args = { 0 };

    nvb_strv_add(&args, program);
    for (char **word = words + 1; *word; word++) {
        if (nvb_has_prefix(*word, "--delegate="))
            continue;
        if (strcmp(*word, "--delegate") == 0) {
            word++;
            continue;
        }
        nvb_strv_add(&args, *word);
    }
    (void)execvp(program, args.items);
    return nvb_fail_errno(err, NVB_D_RUN, "cannot hand the container on to '%s'", program);
}

bool delegate_open(const char *program,
                   char **words,
                   const char *root,
                   const char *id,
                   struct record **out,
                   struct nvb_err *err)
{
    if (record_open(root, id, out, err))
        return true;
    if (!program || err->kind != NVB_E_NOT_FOUND)
        return false;
    nvb_err_clear(err);
    return delegate_execute(program, words, err);
}
