/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* life_bed.h - made-up containers in a store and a runtime directory of a test's own. */
#pragma once

#include "life/presence.h"
#include "life/record.h"

struct life_bed {
    const char *tree;
    struct nvb_places places;
};

/* NVBIND_STORE and NVBIND_RUN lie in a new tree from here on. */
void life_bed_open(struct life_bed *bed);

/* A record of image host; `name` may be NULL. */
void life_bed_record(const struct life_bed *bed, const char *id, const char *name);

/* A process that sleeps until the test ends, or until it is killed. */
pid_t life_bed_process(void);
void life_bed_end(pid_t pid);
