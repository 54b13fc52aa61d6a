/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "life/name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "life/presence.h"

enum {
    TRIES_MAX = 10,
};

bool nvb_name_find(int names_fd, const char *name, char out_id[NVB_ID_SIZE])
{
    char text[NVB_ID_SIZE + 1];
    ssize_t len = 0;

    if (names_fd < 0 || !*name || strchr(name, '/'))
        return false;
    len = readlinkat(names_fd, name, text, sizeof(text));
    if (len != NVB_ID_SIZE - 1)
        return false;
    text[len] = '\0';
    memcpy(out_id, text, NVB_ID_SIZE);
    return nvb_is_id(out_id);
}

/* Making a name needs no lock, since the kernel refuses the second; taking one away does, or two
 * who found the same name stale would each remove what the other made. */
static void remove_locked(int names_fd, const char *name, const char *id)
{
    char found[NVB_ID_SIZE];

    if (flock(names_fd, LOCK_EX) < 0)
        return;
    if (nvb_name_find(names_fd, name, found) && strcmp(found, id) == 0)
        (void)unlinkat(names_fd, name, 0);
    (void)flock(names_fd, LOCK_UN);
}

void nvb_name_release(int names_fd, const char *name, const char *id)
{
    if (names_fd >= 0)
        remove_locked(names_fd, name, id);
}

void nvb_name_release_all(int names_fd, const char *id)
{
    nvb_auto_strv names = { 0 };
    nvb_auto_err ignored = { 0 };
    char owner[NVB_ID_SIZE];

    if (names_fd < 0 || !nvb_list_in_root(names_fd, ".", &names, &ignored))
        return;
    for (size_t i = 0; i < names.n; i++) {
        if (nvb_name_find(names_fd, names.items[i], owner) && strcmp(owner, id) == 0)
            remove_locked(names_fd, names.items[i], id);
    }
}

/* Its maker died before there was a container, or its remover before the name was gone. */
static bool is_stale(const struct nvb_places *places, const char *id)
{
    nvb_autofree char *record = nvb_xasprintf("%s/" NVB_RECORD_FILE, id);
    nvb_auto_sight sight = { 0 };

    nvb_sight_look(places->run_fd, id, &sight);
    return !sight.is_locked &&
           (places->containers_fd < 0 || faccessat(places->containers_fd, record, F_OK, 0) < 0);
}

bool nvb_name_take(const struct nvb_places *places,
                   const char *name,
                   const char *id,
                   struct nvb_err *err)
{
    char owner[NVB_ID_SIZE];

    for (int tries = 0; tries < TRIES_MAX; tries++) {
        if (symlinkat(id, places->names_fd, name) == 0)
            return true;
        if (errno != EEXIST)
            return nvb_fail_errno(err, NVB_D_RUN, "cannot write down the name '%s'", name);
        if (!nvb_name_find(places->names_fd, name, owner))
            continue; /* removed meanwhile */
        if (!is_stale(places, owner)) {
            nvb_fail(err, NVB_D_RUN, NVB_E_CONFLICT, "the name '%s' is taken by container %s", name,
                     owner);
            return nvb_hint(err, "choose another, or remove that one: nvbind rm %s", name);
        }
        remove_locked(places->names_fd, name, owner);
    }
    return nvb_fail(err, NVB_D_RUN, NVB_E_CONFLICT, "the name '%s' is not a container's", name);
}
