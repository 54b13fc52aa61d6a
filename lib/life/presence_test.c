/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "life/presence.h"

#include <string.h>
#include <sys/wait.h>

#include "life/face.h"
#include "life_bed.h"
#include "nvbind/request.h"
#include "test.h"

#define ID "0123456789ab"

TEST(what_is_told_is_seen)
{
    struct life_bed bed;
    struct nvb_presence presence = NVB_PRESENCE_INIT;
    struct nvb_process process;
    nvb_auto_sight sight = { 0 };
    nvb_auto_sight after = { 0 };
    nvb_auto_err err = { 0 };

    life_bed_open(&bed);
    EXPECT(nvb_presence_take(bed.places.run_fd, ID, &presence, &err));
    EXPECT(nvb_process_read(getpid(), &process));
    EXPECT(nvb_presence_tell(&presence, &process, "{\"face\":1}", &err));
    nvb_sight_look(bed.places.run_fd, ID, &sight);
    EXPECT(sight.is_there && sight.is_locked && sight.process.pid == getpid());
    EXPECT_STR(sight.face, "{\"face\":1}");
    nvb_presence_leave(&presence);
    nvb_sight_look(bed.places.run_fd, ID, &after);
    EXPECT(!after.is_there && !after.is_locked && after.process.pid == 0 && !after.face);
}

TEST(only_one_is_in_charge)
{
    struct life_bed bed;
    struct nvb_presence first = NVB_PRESENCE_INIT;
    struct nvb_presence second = NVB_PRESENCE_INIT;
    nvb_auto_err err = { 0 };
    nvb_auto_err none = { 0 };

    life_bed_open(&bed);
    EXPECT(nvb_presence_take(bed.places.run_fd, ID, &first, &err));
    EXPECT(!nvb_presence_take(bed.places.run_fd, ID, &second, &err));
    EXPECT(err.kind == NVB_E_CONFLICT);
    nvb_presence_clear(&first);
    EXPECT(nvb_presence_take(bed.places.run_fd, ID, &second, &none));
    nvb_presence_leave(&second);
}

/* Only when the last copy of the descriptor is gone is the lock. */
TEST(the_lock_goes_over_fork_and_ends_with_its_last_holder)
{
    struct life_bed bed;
    struct nvb_presence presence = NVB_PRESENCE_INIT;
    nvb_auto_sight held = { 0 };
    nvb_auto_sight let_go = { 0 };
    nvb_auto_err err = { 0 };
    pid_t pid = 0;

    life_bed_open(&bed);
    EXPECT(nvb_presence_take(bed.places.run_fd, ID, &presence, &err));
    pid = life_bed_process();
    nvb_presence_clear(&presence);
    nvb_sight_look(bed.places.run_fd, ID, &held);
    EXPECT(held.is_locked);
    life_bed_end(pid);
    nvb_sight_look(bed.places.run_fd, ID, &let_go);
    EXPECT(!let_go.is_locked && let_go.is_there);
}

/* One locks the file that another has just removed: that lock would be worth nothing. */
TEST(a_lock_of_a_removed_place_is_not_taken_for_one)
{
    struct life_bed bed;
    nvb_auto_err err = { 0 };

    life_bed_open(&bed);
    for (int child = 0; child < 2; child++) {
        if (fork() == 0) {
            for (int i = 0; i < 2000; i++) {
                struct nvb_presence p = NVB_PRESENCE_INIT;
                nvb_auto_err busy = { 0 };
                nvb_auto_sight sight = { 0 };

                if (!nvb_presence_take(bed.places.run_fd, ID, &p, &busy)) {
                    if (busy.kind != NVB_E_CONFLICT)
                        _exit(1);
                    continue;
                }
                nvb_sight_look(bed.places.run_fd, ID, &sight);
                if (sight.process.pid != 0) /* the other is in charge as well */
                    _exit(2);
                sight.process = (struct nvb_process){ .pid = getpid(), .start_ticks = 1 };
                if (!nvb_presence_tell(&p, &sight.process, "{}", &err))
                    _exit(3);
                nvb_presence_leave(&p);
            }
            _exit(0);
        }
    }
    for (int child = 0; child < 2; child++) {
        int status = 0;

        EXPECT(wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
}

TEST(a_face_comes_back_as_it_was)
{
    nvb_auto_face face = { 0 };
    nvb_auto_face back = { 0 };
    nvb_autofree char *text = NULL;
    struct nvb_request *request = nvb_request_new();
    nvb_auto_err err = { 0 };

    request->image = nvb_xstrdup("ho\xffst");
    request->command = nvb_xcalloc(3, sizeof(*request->command));
    request->command[request->n_command++] = nvb_xstrdup("sh");
    request->command[request->n_command++] = nvb_xstrdup("a\nb\xe9");
    EXPECT(nvb_request_set_name(request, "web", &err) &&
           nvb_request_add_label(request, "a=b", &err));
    request->is_detached = true;
    nvb_face_fill(&face, request, 12345678901);
    nvb_strv_add(&face.cgroups, "/sys/fs/cgroup/x");
    text = nvb_face_dup_text(&face);
    EXPECT(!strchr(text, '\n'));
    EXPECT(nvb_face_parse(text, &back));
    EXPECT_STR(back.name, "web");
    EXPECT_STR(back.image, "ho?st");
    EXPECT_STR(back.command, "sh a\nb?");
    EXPECT_STR(back.labels.items[0], "a=b");
    EXPECT_STR(back.cgroups.items[0], "/sys/fs/cgroup/x");
    EXPECT(back.is_detached && back.created_ns == 12345678901 && back.stop_timeout_s == 10);
    nvb_request_free(request);
}
