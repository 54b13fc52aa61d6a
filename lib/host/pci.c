/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/pci.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "host/memo.h"

enum {
    MEMO_MIN = 8, /* below, to ask each device costs less than the memo */
};

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
static void list_live(struct nvb_strv *out_names, uint64_t *out_key)
{
    nvb_autofree char *boot = NULL;
    nvb_auto_err ignored = { 0 };
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
    if (out_names->n < MEMO_MIN ||
        !nvb_read_file(AT_FDCWD, "/proc/sys/kernel/random/boot_id", 64, &boot, NULL, &ignored))
        return;
    mix(&sum, boot, strlen(boot));
    *out_key = sum ? sum : 1;
}

static bool is_display(const struct nvb_host *host, const char *address)
{
    nvb_autofree char *path = nvb_xasprintf("%s/%s/class", devices_dir, address);
    nvb_autofree char *class = nvb_host_dup_line(host, path);

    return class && nvb_has_prefix(class, "0x03");
}

static char *dup_head(uint64_t key)
{
    return nvb_xasprintf("nvbind displays 1 %016" PRIx64 "\n", key);
}

/* "HEAD", an address a line, "end". */
static bool recall(const struct nvb_memo *memo, uint64_t key, struct nvb_strv *out_addresses)
{
    nvb_autofree char *head = dup_head(key);
    nvb_autofree char *copy = NULL;
    nvb_auto_strv found = { 0 };
    char *next = NULL;
    const char *line = NULL;

    if (!memo || !memo->text || !nvb_has_prefix(memo->text, head))
        return false;
    copy = nvb_xstrdup(memo->text + strlen(head));
    for (line = strtok_r(copy, "\n", &next); line && nvb_pci_is_address(line);
         line = strtok_r(NULL, "\n", &next))
        nvb_strv_add(&found, line);
    if (!line || strcmp(line, "end") != 0)
        return false;
    nvb_strv_copy(out_addresses, &found);
    return true;
}

static void remember(struct nvb_memo *memo, uint64_t key, const struct nvb_strv *addresses)
{
    struct nvb_buf text = { 0 };
    nvb_autofree char *head = dup_head(key);

    nvb_buf_add_str(&text, head);
    for (size_t i = 0; i < addresses->n; i++)
        nvb_buf_addf(&text, "%s\n", addresses->items[i]);
    nvb_buf_add_str(&text, "end\n");
    free(memo->new_text);
    memo->new_text = text.data;
}

void nvb_pci_list_displays(const struct nvb_host *host, struct nvb_strv *out_addresses)
{
    nvb_auto_strv names = { 0 };
    nvb_auto_err ignored = { 0 }; /* a masked /sys means: no PCI GPU to be seen here */
    uint64_t key = 0;

    if (host->is_live) {
        list_live(&names, &key);
    } else {
        (void)nvb_list_in_root(host->root_fd, devices_dir, &names, &ignored);
    }
    if (key && recall(host->memo, key, out_addresses))
        return;
    for (size_t i = 0; i < names.n; i++) {
        if (nvb_pci_is_address(names.items[i]) && is_display(host, names.items[i]))
            nvb_strv_add(out_addresses, names.items[i]);
    }
    if (key && host->memo)
        remember(host->memo, key, out_addresses);
}

void nvb_memo_clear(struct nvb_memo *memo)
{
    free(memo->text);
    free(memo->new_text);
    *memo = (struct nvb_memo){ 0 };
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
