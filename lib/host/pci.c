/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/pci.h"

#include <string.h>

static bool is_hex(const char *text, size_t len)
{
    return strspn(text, "0123456789abcdef") >= len;
}

/* Domains have four digits, or more behind VMD and on some clouds ("10000:e1:00.0"). */
bool nvb_pci_is_address(const char *text)
{
    size_t domain = strspn(text, "0123456789abcdef");
    const char *p = text + domain;

    return domain >= 4 && domain <= 8 && p[0] == ':' && is_hex(p + 1, 2) && p[3] == ':' &&
           is_hex(p + 4, 2) && p[6] == '.' && p[7] >= '0' && p[7] <= '7' && p[8] == '\0';
}

char *nvb_pci_dup_address_in(const char *path)
{
    char *found = NULL;

    for (const char *p = path; *p; p += *p == '/') {
        size_t len = strcspn(p, "/");
        nvb_autofree char *part = nvb_xstrndup(p, len);

        if (nvb_pci_is_address(part)) {
            free(found);
            found = nvb_steal(&part);
        }
        p += len;
    }
    return found;
}

void nvb_pci_list_displays(const struct nvb_host *host, struct nvb_strv *out_addresses)
{
    nvb_auto_strv names = { 0 };
    nvb_auto_err ignored = { 0 }; /* a masked /sys means: no PCI GPU to be seen here */

    (void)nvb_list_in_root(host->root_fd, "/sys/bus/pci/devices", &names, &ignored);
    for (size_t i = 0; i < names.n; i++) {
        nvb_autofree char *path = nvb_xasprintf("/sys/bus/pci/devices/%s/class", names.items[i]);
        nvb_autofree char *class = NULL;

        if (!nvb_pci_is_address(names.items[i]))
            continue;
        class = nvb_host_dup_line(host, path);
        if (class && nvb_has_prefix(class, "0x03"))
            nvb_strv_add(out_addresses, names.items[i]);
    }
}

uint16_t nvb_pci_read_id(const struct nvb_host *host, const char *address, const char *file)
{
    nvb_autofree char *path = nvb_xasprintf("/sys/bus/pci/devices/%s/%s", address, file);
    nvb_autofree char *text = nvb_host_dup_line(host, path);
    char *end = NULL;
    unsigned long id = 0;

    if (!text || !nvb_has_prefix(text, "0x") || !is_hex(text + 2, strlen(text + 2)) || !text[2])
        return 0;
    id = strtoul(text, &end, 16);
    return *end == '\0' && id <= UINT16_MAX ? (uint16_t)id : 0;
}
