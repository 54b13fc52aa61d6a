/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "life/lease.h"

#include <string.h>
#include <unistd.h>

#include "base/dirs.h"
#include "image/store.h"

static bool open_store(enum nvb_store_mode mode, struct nvb_store **out, struct nvb_err *err)
{
    nvb_autofree char *dir = nvb_dir_dup_store();

    return nvb_store_open(dir, mode, out, err);
}

bool nvb_lease_take(const char *id, const char *digest, struct nvb_err *err)
{
    nvb_autoptr(nvb_store) store = NULL;

    return (open_store(NVB_STORE_WRITE, &store, err) &&
            nvb_store_add_lease(store, id, digest, err)) ||
           nvb_while(err, "cannot keep the image for the container");
}

char *nvb_lease_dup_image(const char *id, const char *name)
{
    nvb_autoptr(nvb_store) store = NULL;
    nvb_auto_refs leases = { 0 };
    nvb_auto_err ignored = { 0 };

    if (!open_store(NVB_STORE_READ, &store, &ignored) ||
        !nvb_store_list_leases(store, &leases, &ignored))
        return NULL;
    for (size_t i = 0; i < leases.n; i++) {
        if (strcmp(leases.items[i].name, id) == 0)
            return nvb_xasprintf("%.*s@%s", (int)strcspn(name, "@"), name, leases.items[i].digest);
    }
    return NULL;
}

void nvb_lease_drop(const char *id)
{
    nvb_autofree char *dir = nvb_dir_dup_store();
    nvb_autofree char *path = nvb_xasprintf("%s/leases/%s", dir, id);
    nvb_autoptr(nvb_store) store = NULL;
    nvb_auto_err ignored = { 0 };

    if (access(path, F_OK) < 0) /* to open a store for writing makes it */
        return;
    if (open_store(NVB_STORE_WRITE, &store, &ignored))
        (void)nvb_store_remove_lease(store, id, &ignored);
}
