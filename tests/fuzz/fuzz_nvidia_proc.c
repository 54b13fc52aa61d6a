/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* What the kernel module's files are read as: printable, in range, and the same when written again. */
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host/node.h"
#include "host/nvidia_proc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static void check_printable(const char *text)
{
    for (; text && *text; text++)
        demand(*text >= ' ' && *text <= '~');
}

static void check_information(const char *text)
{
    nvb_auto_nvidia_information information = { 0 };

    nvb_nvidia_information_parse(text, &information);
    check_printable(information.model);
    check_printable(information.uuid);
    demand(!information.uuid || strncmp(information.uuid, "GPU-", 4) == 0);
    demand(information.minor <= 0xfffff && (information.has_minor || information.minor == 0));
}

static void check_version(const char *text)
{
    enum nvb_driver_kind kind = NVB_DRIVER_UNKNOWN;
    nvb_autofree char *version = nvb_nvidia_version_parse(text, &kind);

    demand((version != NULL) == (kind != NVB_DRIVER_UNKNOWN));
    demand(!version || nvb_nvidia_is_version(version, strlen(version)));
}

/* Every line that was understood, written as the kernel writes it, gives the same list. */
static void check_mig_caps(const char *text)
{
    nvb_auto_mig_caps caps = { 0 };
    nvb_auto_mig_caps again = { 0 };
    nvb_auto_buf written = { 0 };

    nvb_mig_caps_parse(text, &caps);
    nvb_buf_add(&written, "", 0);
    for (size_t i = 0; i < caps.n; i++) {
        const struct nvb_mig_cap *cap = &caps.items[i];

        nvb_buf_addf(&written, "gpu%u/gi%u/", cap->gpu_minor, cap->gi_id);
        if (cap->ci_id != UINT_MAX)
            nvb_buf_addf(&written, "ci%u/", cap->ci_id);
        nvb_buf_addf(&written, "access %u\n", cap->minor);
    }
    nvb_mig_caps_parse(written.data, &again);
    demand(again.n == caps.n);
    for (size_t i = 0; i < caps.n; i++)
        demand(memcmp(&again.items[i], &caps.items[i], sizeof(again.items[i])) == 0);
}

static void check_node(const char *text)
{
    struct nvb_node node = { 0 };
    struct nvb_node again = { 0 };
    nvb_autofree char *written = NULL;

    if (!nvb_node_parse(text, &node))
        return;
    written =
        nvb_xasprintf("c %u:%u %o %u:%u", node.major, node.minor, node.mode, node.uid, node.gid);
    demand(nvb_node_parse(written, &again) && memcmp(&node, &again, sizeof(node)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    nvb_autofree char *text = nvb_xstrndup((const char *)data, size);
    unsigned major = 0;

    check_information(text);
    check_version(text);
    check_mig_caps(text);
    check_node(text);
    demand(!nvb_proc_devices_find(text, "nvidia-uvm", &major) || major <= 0xfff);
    return 0;
}
