/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "detach.h"

#include <stdio.h>
#include <time.h>

#include "life/event.h"
#include "life/lease.h"
#include "life/name.h"
#include "life/removal.h"
#include "life/start.h"

static uint64_t now_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void tell_event(const struct nvb_places *places, const struct nvb_record *record)
{
    const struct nvb_event event = {
        .what = "create",
        .id = record->id,
        .name = record->request->name,
    };

    nvb_event_write(places->run_fd, &event);
}

/* Under the container's lock. */
static bool record_and_start(const struct nvb_places *places,
                             const struct nvb_record *record,
                             const struct nvb_presence *presence,
                             struct preparation *p,
                             struct nvb_err *err)
{
    const char *name = record->request->name;
    nvb_auto_strv warnings = { 0 };
    struct nvb_start start = {
        .places = places,
        .record = record,
        .presence = presence,
        .container = p->container,
        .held_fds = {p->driver.view_fd, p->driver.layer_fd},
    };

    if (p->image.is_stored && !nvb_lease_take(record->id, p->image.stored.image->digest, err))
        return false;
    if (!nvb_record_write(places->containers_fd, record, err) ||
        (name && !nvb_name_take(places, name, record->id, err)))
        return false;
    tell_event(places, record);
    if (!nvb_start_detached(&start, &warnings, err))
        return false;
    print_warnings(&warnings);
    return true;
}

bool detach(struct preparation *p, char **out_id, struct nvb_err *err)
{
    nvb_auto_places places = NVB_PLACES_INIT;
    nvb_auto_presence presence = NVB_PRESENCE_INIT;
    struct nvb_record record = { .created_ns = now_ns() };
    nvb_auto_err ignored = { 0 };

    union {
        const struct nvb_request *borrowed;
        struct nvb_request *request;
    } request = { .borrowed = p->request };

    record.request = request.request; /* it is only read */
    (void)snprintf(record.id, sizeof(record.id), "%s", p->container->id);
    if (!nvb_places_make(&places, true, p->request->name != NULL, err) ||
        !nvb_presence_take(places.run_fd, record.id, &presence, err))
        return false;
    if (!record_and_start(&places, &record, &presence, p, err)) {
        (void)nvb_removal(&places, &presence, &ignored);
        return false;
    }
    *out_id = nvb_xstrdup(record.id);
    return true;
}
