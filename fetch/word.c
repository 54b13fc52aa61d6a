/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "word.h"

#include <fcntl.h>
#include <unistd.h>

#include "image/store.h"

#define BOOT_ID "/proc/sys/kernel/random/boot_id"

static bool
add_store(const struct nvb_store *store, bool is_writable, struct jail *jail, struct nvb_err *err)
{
    int fd = fcntl(nvb_store_fd(store), F_DUPFD_CLOEXEC, 3);
    int boot_id_fd = open(BOOT_ID, O_PATH | O_CLOEXEC);

    if (fd < 0)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot keep the store open");
    jail->ids = *nvb_store_get_ids(store);
    jail_add(jail, fd, "/store", is_writable);
    /* Which layers count depends on it. */
    if (boot_id_fd >= 0)
        jail_add(jail, boot_id_fd, BOOT_ID, false);
    return true;
}

bool word_open_store(const struct nvb_json *request,
                     bool may_write,
                     struct jail *jail,
                     struct nvb_err *err)
{
    nvb_autoptr(nvb_store) store = NULL;

    if (!nvb_store_open(nvb_json_get_str(request, "store"),
                        may_write ? NVB_STORE_WRITE : NVB_STORE_READ, &store, err))
        return false;
    if (nvb_store_fd(store) < 0)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_NOT_FOUND, "there is no image here yet");
    return nvb_store_ids_check(nvb_store_get_ids(store), err) &&
           add_store(store, may_write, jail, err);
}
