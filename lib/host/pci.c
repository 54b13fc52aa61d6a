/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/pci.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "host/memo.h"

static const char devices_dir[] = "/sys/bus/pci/devices";

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

/* FNV-1a. */
static void mix(uint64_t *hash, const void *data, size_t len)
{
    const unsigned char *bytes = data;

    for (size_t i = 0; i < len; i++)
        *hash = (*hash ^ bytes[i]) * UINT64_C(0x100000001b3);
}

/* The sorted addresses, and a number that is another one when any device came or went. */
static void list_live(const struct nvb_host *host, struct nvb_strv *out_names, uint64_t *out_key)
{
    nvb_autofree char *boot = NULL;
    DIR *dir = opendir(devices_dir);
    uint64_t sum = 0;

    if (!dir)
        return;
    for (const struct dirent *e = NULL; (e = readdir(dir));) {
        uint64_t hash = UINT64_C(0xcbf29ce484222325);

        if (!nvb_pci_is_address(e->d_name))
            continue;
        nvb_strv_add(out_names, e->d_name);
        mix(&hash, e->d_name, strlen(e->d_name));
        mix(&hash, &e->d_ino, sizeof(e->d_ino));
        sum += hash; /* in whatever order the directory tells them */
    }
    (void)closedir(dir);
    nvb_strv_sort(out_names);
    boot = nvb_host_dup_line(host, "/proc/sys/kernel/random/boot_id");
    if (!boot || out_names->n == 0)
        return;
    mix(&sum, boot, strlen(boot));
    *out_key = sum ? sum : 1;
}

uint16_t nvb_pci_read_id(const struct nvb_host *host, const char *address, const char *file)
{
    nvb_autofree char *path = nvb_xasprintf("%s/%s/%s", devices_dir, address, file);
    nvb_autofree char *text = nvb_host_dup_line(host, path);
    char *end = NULL;
    unsigned long id = 0;

    if (!text || !nvb_has_prefix(text, "0x") || !is_hex(text + 2, strlen(text + 2)) || !text[2])
        return 0;
    id = strtoul(text, &end, 16);
    return *end == '\0' && id <= UINT16_MAX ? (uint16_t)id : 0;
}

static int read_numa_node(const struct nvb_host *host, const char *address)
{
    nvb_autofree char *path = nvb_xasprintf("%s/%s/numa_node", devices_dir, address);
    uint64_t node = 0;

    return nvb_host_read_u64(host, path, &node) && node <= INT16_MAX ? (int)node : -1;
}

static bool is_display(const struct nvb_host *host, const char *address)
{
    nvb_autofree char *path = nvb_xasprintf("%s/%s/class", devices_dir, address);
    nvb_autofree char *class = nvb_host_dup_line(host, path);

    return class && nvb_has_prefix(class, "0x03");
}

static void add(struct nvb_pci_displays *displays, const struct nvb_pci_display *display)
{
    displays->items = nvb_xrealloc(displays->items, displays->n + 1, sizeof(*displays->items));
    displays->items[displays->n++] = *display;
}

static void ask(const struct nvb_host *host, const char *address, struct nvb_pci_displays *out)
{
    struct nvb_pci_display display = {
        .vendor_id = nvb_pci_read_id(host, address, "vendor"),
        .device_id = nvb_pci_read_id(host, address, "device"),
        .numa_node = read_numa_node(host, address),
    };

    (void)snprintf(display.address, sizeof(display.address), "%s", address);
    add(out, &display);
}

static char *dup_head(uint64_t key)
{
    return nvb_xasprintf("nvbind displays 2 %016" PRIx64 "\n", key);
}

/* "0000:01:00.0 10de 2786 -1" */
static bool recall_line(const char *line, struct nvb_pci_display *out)
{
    int end = 0;

    return sscanf(line, "%23s %4" SCNx16 " %4" SCNx16 " %d%n", out->address, &out->vendor_id,
                  &out->device_id, &out->numa_node, &end) == 4 && // NOLINT(cert-err34-c): our own
           line[end] == '\0' &&
           nvb_pci_is_address(out->address);
}

/* "HEAD", a display a line, "end". */
static bool recall(const struct nvb_memo *memo, uint64_t key, struct nvb_pci_displays *out)
{
    nvb_autofree char *head = dup_head(key);
    nvb_autofree char *copy = NULL;
    nvb_auto_displays found = { 0 };
    struct nvb_pci_display display = { 0 };
    char *next = NULL;
    const char *line = NULL;

    if (!memo || !memo->text || !nvb_has_prefix(memo->text, head))
        return false;
    copy = nvb_xstrdup(memo->text + strlen(head));
    for (line = strtok_r(copy, "\n", &next); line && recall_line(line, &display);
         line = strtok_r(NULL, "\n", &next))
        add(&found, &display);
    if (!line || strcmp(line, "end") != 0)
        return false;
    *out = found;
    found = (struct nvb_pci_displays){ 0 };
    return true;
}

static void remember(struct nvb_memo *memo, uint64_t key, const struct nvb_pci_displays *displays)
{
    struct nvb_buf text = { 0 };
    nvb_autofree char *head = dup_head(key);

    nvb_buf_add_str(&text, head);
    for (size_t i = 0; i < displays->n; i++) {
        const struct nvb_pci_display *d = &displays->items[i];

        nvb_buf_addf(&text, "%s %04x %04x %d\n", d->address, d->vendor_id, d->device_id,
                     d->numa_node);
    }
    nvb_buf_add_str(&text, "end\n");
    free(memo->new_text);
    memo->new_text = text.data;
}

void nvb_pci_list_displays(const struct nvb_host *host, struct nvb_pci_displays *out)
{
    nvb_auto_strv names = { 0 };
    nvb_auto_err ignored = { 0 }; /* a masked /sys means: no PCI GPU to be seen here */
    uint64_t key = 0;

    if (host->is_live && host->memo) {
        list_live(host, &names, &key);
    } else {
        (void)nvb_list_in_root(host->root_fd, devices_dir, &names, &ignored);
    }
    if (key && recall(host->memo, key, out))
        return;
    for (size_t i = 0; i < names.n; i++) {
        if (nvb_pci_is_address(names.items[i]) && is_display(host, names.items[i]))
            ask(host, names.items[i], out);
    }
    if (key)
        remember(host->memo, key, out);
}

void nvb_pci_displays_clear(struct nvb_pci_displays *displays)
{
    free(displays->items);
    *displays = (struct nvb_pci_displays){ 0 };
}

void nvb_memo_clear(struct nvb_memo *memo)
{
    free(memo->text);
    free(memo->new_text);
    *memo = (struct nvb_memo){ 0 };
}
