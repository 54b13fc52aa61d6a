/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* delegate.h - another runtime for what this one does not do. */
#pragma once

#include "record.h"

/* "crun", "runc" or a path, with the same command line but for --delegate. Returns only false. */
bool delegate_execute(const char *program, char **words, struct nvb_err *err);

/* A container of ours; of one that is not ours the other runtime takes over, when there is one. */
bool delegate_open(const char *program,
                   char **words,
                   const char *root,
                   const char *id,
                   struct record **out,
                   struct nvb_err *err);
