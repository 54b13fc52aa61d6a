/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* account.h - the user of an image, or the one that was asked for, by the image's own /etc/passwd
 * and /etc/group.
 *
 * Both are foreign bytes of any size and kind. Without them numbers still work. */
#pragma once

#include "base/overlay.h"

struct nvb_account {
    unsigned uid;
    unsigned gid;
    char *home;       /* owned; "/" when none is known */
    unsigned *groups; /* owned; supplementary ones: those that list the user's name */
    size_t n_groups;
};

/* "USER[:GROUP]", each a name or a number; NULL or "" is root. With a group there are no
 * supplementary ones, as docker has it. */
bool nvb_account_find(const struct nvb_overlay *image,
                      const char *text,
                      struct nvb_account *out,
                      struct nvb_err *err);
void nvb_account_clear(struct nvb_account *account);
#define nvb_auto_account __attribute__((cleanup(nvb_account_clear))) struct nvb_account
