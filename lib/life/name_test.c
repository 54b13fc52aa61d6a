/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "life/name.h"

#include <sys/wait.h>

#include "life_bed.h"
#include "test.h"

#define FIRST  "000000000001"
#define SECOND "000000000002"

TEST(a_name_leads_to_its_container)
{
    struct life_bed bed;
    char id[NVB_ID_SIZE];
    nvb_auto_err err = { 0 };

    life_bed_open(&bed);
    EXPECT(nvb_name_take(&bed.places, "web", FIRST, &err));
    EXPECT(nvb_name_find(bed.places.names_fd, "web", id));
    EXPECT_STR(id, FIRST);
    EXPECT(!nvb_name_find(bed.places.names_fd, "wob", id));
    EXPECT(!nvb_name_find(bed.places.names_fd, "../names/web", id));
    nvb_name_release(bed.places.names_fd, "web", FIRST);
    EXPECT(!nvb_name_find(bed.places.names_fd, "web", id));
}

TEST(a_taken_name_is_refused_with_its_owner)
{
    struct life_bed bed;
    nvb_auto_err err = { 0 };

    life_bed_open(&bed);
    life_bed_record(&bed, FIRST, "web");
    EXPECT(nvb_name_take(&bed.places, "web", FIRST, &err));
    EXPECT(!nvb_name_take(&bed.places, "web", SECOND, &err));
    EXPECT(err.kind == NVB_E_CONFLICT);
    EXPECT_STR(err.lines[0], "the name 'web' is taken by container " FIRST);
}

TEST(a_name_without_a_container_is_free)
{
    struct life_bed bed;
    char id[NVB_ID_SIZE];
    nvb_auto_err err = { 0 };

    life_bed_open(&bed);
    EXPECT(nvb_name_take(&bed.places, "web", FIRST, &err)); /* and its maker dies */
    EXPECT(nvb_name_take(&bed.places, "web", SECOND, &err));
    EXPECT(nvb_name_find(bed.places.names_fd, "web", id));
    EXPECT_STR(id, SECOND);
    nvb_name_release(bed.places.names_fd, "web", FIRST); /* late: it is no longer the first's */
    EXPECT(nvb_name_find(bed.places.names_fd, "web", id));
}

TEST(a_name_is_kept_for_a_container_that_is_being_made)
{
    struct life_bed bed;
    struct nvb_presence presence = NVB_PRESENCE_INIT;
    nvb_auto_err err = { 0 };

    life_bed_open(&bed);
    EXPECT(nvb_presence_take(bed.places.run_fd, FIRST, &presence, &err));
    EXPECT(nvb_name_take(&bed.places, "web", FIRST, &err));
    EXPECT(!nvb_name_take(&bed.places, "web", SECOND, &err));
    nvb_presence_leave(&presence);
}

/* Twenty at once want the name of a dead one. */
TEST(one_alone_gets_a_name)
{
    struct life_bed bed;
    nvb_auto_err err = { 0 };
    int n_winners = 0;

    life_bed_open(&bed);
    EXPECT(nvb_name_take(&bed.places, "web", "ffffffffffff", &err));
    for (int i = 0; i < 20; i++) {
        if (fork() == 0) {
            nvb_auto_places own = NVB_PLACES_INIT; /* a flock is per open file */
            nvb_auto_err mine = { 0 };
            char id[NVB_ID_SIZE];

            (void)snprintf(id, sizeof(id), "%012d", i);
            if (!nvb_places_make(&own, true, true, &mine))
                _exit(2);
            life_bed_record(&bed, id, NULL);
            _exit(nvb_name_take(&own, "web", id, &mine) ? 0 : 1);
        }
    }
    for (int i = 0; i < 20; i++) {
        int status = 0;

        EXPECT(wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) < 2);
        n_winners += WEXITSTATUS(status) == 0;
    }
    EXPECT(n_winners == 1);
}
