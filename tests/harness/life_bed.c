/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "life_bed.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "test.h"
#include "tree.h"

void life_bed_open(struct life_bed *bed)
{
    nvb_autofree char *store = NULL;
    nvb_autofree char *run = NULL;
    nvb_auto_err err = { 0 };

    bed->tree = tree_new();
    store = nvb_xasprintf("%s/store", bed->tree);
    run = nvb_xasprintf("%s/run", bed->tree);
    (void)setenv("NVBIND_STORE", store, 1);
    (void)setenv("NVBIND_RUN", run, 1);
    EXPECT(nvb_places_make(&bed->places, true, true, &err));
}

void life_bed_record(const struct life_bed *bed, const char *id, const char *name)
{
    struct nvb_record record = { .created_ns = 1, .request = nvb_request_new() };
    nvb_auto_err err = { 0 };

    (void)snprintf(record.id, sizeof(record.id), "%s", id);
    record.request->image = nvb_xstrdup("host");
    record.request->is_detached = true;
    if (name)
        EXPECT(nvb_request_set_name(record.request, name, &err));
    EXPECT(nvb_record_write(bed->places.containers_fd, &record, &err));
    nvb_request_free(record.request);
}

pid_t life_bed_process(void)
{
    pid_t parent = getpid();
    pid_t pid = fork();

    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() == parent)
            (void)pause();
        _exit(0);
    }
    return pid;
}

void life_bed_end(pid_t pid)
{
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
}
