/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/pci_ids.h"

#include <string.h>

static const char *const paths[] = {
    "/usr/share/misc/pci.ids",
    "/usr/share/hwdata/pci.ids",
};

/* The text behind the first line start that reads `wanted`, or NULL. Vendors stand at the line
 * start, their devices behind one tab, subsystems behind two. */
static const char *find_line(const char *text, const char *wanted)
{
    for (const char *p = text; (p = strstr(p, wanted)); p++) {
        if (p == text || p[-1] == '\n')
            return p + strlen(wanted);
    }
    return NULL;
}

/* Where this vendor's block ends: a line that starts with neither a tab nor '#'. */
static const char *find_end(const char *block)
{
    const char *p = strchr(block, '\n');

    while (p && (p[1] == '\t' || p[1] == '#'))
        p = strchr(p + 1, '\n');
    return p ? p + 1 : block + strlen(block);
}

static char *dup_printable(const char *line)
{
    char *copy = nvb_xstrndup(line, strcspn(line, "\r\n"));

    for (char *p = copy; *p; p++) {
        if (*p < ' ' || *p > '~')
            *p = '?';
    }
    return copy;
}

char *nvb_pci_ids_dup_device(const char *text, uint16_t vendor_id, uint16_t device_id)
{
    char vendor[8];
    char device[8];
    const char *block = NULL;
    const char *found = NULL;

    (void)snprintf(vendor, sizeof(vendor), "%04x  ", vendor_id);
    (void)snprintf(device, sizeof(device), "\t%04x  ", device_id);
    block = find_line(text, vendor);
    if (!block)
        return NULL;
    found = find_line(block, device);
    return found && found < find_end(block) ? dup_printable(found) : NULL;
}

/* The name in the shops stands in brackets behind the chip's. */
static char *dup_market_name(const char *device)
{
    const char *open = strchr(device, '[');
    const char *close = open ? strrchr(open, ']') : NULL;

    return close && close > open + 1 ? nvb_xstrndup(open + 1, (size_t)(close - open) - 1)
                                     : nvb_xstrdup(device);
}

static bool is_unnamed(const struct nvb_gpu *gpu)
{
    char ids[16];

    (void)snprintf(ids, sizeof(ids), " %04x:%04x", gpu->pci_vendor_id, gpu->pci_device_id);
    return gpu->pci_address && nvb_has_suffix(gpu->name, ids);
}

static void name_gpu(const char *text, struct nvb_gpu *gpu)
{
    nvb_autofree char *device =
        nvb_pci_ids_dup_device(text, gpu->pci_vendor_id, gpu->pci_device_id);
    nvb_autofree char *market = device ? dup_market_name(device) : NULL;
    size_t vendor_len = strcspn(gpu->name, " ");
    char *name = NULL;

    if (!market)
        return;
    if (gpu->vendor == NVB_GPU_OTHER) { /* "GPU 1af4:1050": no maker's name to keep */
        name = nvb_steal(&market);
    } else {
        name = nvb_xasprintf("%.*s %s", (int)vendor_len, gpu->name, market);
    }
    free(gpu->name);
    gpu->name = name;
}

void nvb_pci_ids_name_gpus(const struct nvb_host *host, struct nvb_gpus *gpus)
{
    nvb_autofree char *text = NULL;

    for (size_t i = 0; i < gpus->n; i++) {
        if (!is_unnamed(&gpus->items[i]))
            continue;
        for (size_t k = 0; k < sizeof(paths) / sizeof(paths[0]) && !text; k++)
            text = nvb_host_dup_text(host, paths[k], NVB_PCI_IDS_MAX);
        if (!text)
            return;
        name_gpu(text, &gpus->items[i]);
    }
}
