/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "life/state.h"

#include <string.h>
#include <sys/stat.h>

#include "life/record.h"
#include "life_bed.h"
#include "test.h"
#include "tree.h"

#define ID "0123456789ab"

/* What is there of a container, and what follows. */
struct row {
    bool has_record;
    bool has_log;
    bool is_locked;
    bool has_process;
    bool is_dead; /* the process */
    bool has_ending;
    enum nvb_state state;
};

static void make(const struct row *row, struct life_bed *bed, struct nvb_presence *presence)
{
    struct nvb_process process;
    nvb_auto_err err = { 0 };
    pid_t pid = life_bed_process();

    life_bed_open(bed);
    if (row->has_record)
        life_bed_record(bed, ID, NULL);
    if (row->has_log)
        tree_mkdir(bed->tree, "store/containers/" ID "/log");
    if (row->has_ending)
        tree_put(bed->tree, "store/containers/" ID "/exit.json", "{\"status\":3}\n");
    if (!row->is_locked && !row->has_process)
        return;
    EXPECT(nvb_presence_take(bed->places.run_fd, ID, presence, &err));
    EXPECT(nvb_process_read(pid, &process));
    if (row->has_process)
        EXPECT(nvb_presence_tell(presence, &process, "{}", &err));
    if (row->is_dead)
        life_bed_end(pid);
    if (!row->is_locked)
        nvb_presence_clear(presence);
}

TEST(a_state_follows_from_what_is_there)
{
    static const struct row rows[] = {
        {.state = NVB_STATE_GONE    },
        {                          .has_record = true, .state = NVB_STATE_CREATED },
        {                         .has_record = true,            .has_log = true, .state = NVB_STATE_EXITED },
        { .has_record = true,         .has_log = true, .has_ending = true, .state = NVB_STATE_EXITED },
        {           .has_record = true,  .is_locked = true, .state = NVB_STATE_CREATED },
        {                          .has_record = true,         .is_locked = true, .has_process = true, .state = NVB_STATE_RUNNING },
        {        .has_record = true,
         .is_locked = true,
         .has_ending = true,
         .state = NVB_STATE_RESTARTING },
        {.has_record = true, .has_log = true, .has_process = true, .state = NVB_STATE_LOST },
        {                         .has_record = true,
         .has_log = true,
         .has_process = true,
         .is_dead = true,
         .state = NVB_STATE_EXITED },
        {                                     .is_locked = true,                          .state = NVB_STATE_GONE },
        {                                                  .is_locked = true,        .has_process = true, .state = NVB_STATE_RUNNING },
        {          .has_process = true,         .is_dead = true, .state = NVB_STATE_GONE },
        {                                        .has_ending = true,             .state = NVB_STATE_GONE },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct life_bed bed;
        nvb_auto_presence presence = NVB_PRESENCE_INIT;
        nvb_auto_status status = { 0 };

        make(&rows[i], &bed, &presence);
        nvb_status_look(&bed.places, ID, &status);
        EXPECT(status.state == rows[i].state);
    }
}

TEST(an_exit_status_that_nobody_saw_is_not_zero)
{
    struct life_bed bed;
    nvb_auto_status unseen = { 0 };
    nvb_auto_status unknown = { 0 };
    nvb_auto_status seen = { 0 };

    life_bed_open(&bed);
    life_bed_record(&bed, ID, NULL);
    tree_mkdir(bed.tree, "store/containers/" ID "/log");
    nvb_status_look(&bed.places, ID, &unseen);
    EXPECT(unseen.state == NVB_STATE_EXITED && !unseen.ending.is_known);
    tree_put(bed.tree, "store/containers/" ID "/exit.json", "{\"status\":null}");
    nvb_status_look(&bed.places, ID, &unknown);
    EXPECT(unknown.state == NVB_STATE_EXITED && !unknown.ending.is_known);
    tree_put(bed.tree, "store/containers/" ID "/exit.json", "{\"status\":0}");
    nvb_status_look(&bed.places, ID, &seen);
    EXPECT(seen.state == NVB_STATE_EXITED && seen.ending.is_known && seen.ending.status == 0);
}
