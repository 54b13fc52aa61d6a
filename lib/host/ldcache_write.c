/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* A cache as ldconfig of glibc 2.33 and later writes it: no old part, one copy of each path, and
 * the soname as its tail where it is one. */
#include <ctype.h>
#include <limits.h>
#include <string.h>

#include "host/ldcache.h"
#include "host/ldcache_format.h"

/* What is sorted: the entry, and its place in the caller's list to keep equal ones in order. */
struct row {
    const struct nvb_ldcache_entry *entry; /* borrowed */
    size_t place;
};

/* The loader counts in an int; numbers beyond wrap there, so they must wrap here. */
static uint32_t take_number(const unsigned char **at)
{
    uint32_t value = 0;

    for (; isdigit(**at); (*at)++)
        value = value * 10 + (uint32_t)(**at - '0');
    return value;
}

/* Signed or not as char is in this ABI, as in the loader; it matters beyond ASCII. */
static int compare_chars(unsigned char a, unsigned char b)
{
    return ((char)a > (char)b) - ((char)a < (char)b);
}

int nvb_ldcache_compare_sonames(const char *a, const char *b)
{
    const unsigned char *p = (const unsigned char *)a;
    const unsigned char *q = (const unsigned char *)b;

    while (*p) {
        if (isdigit(*p) && isdigit(*q)) {
            uint32_t difference = take_number(&p) - take_number(&q);

            if (difference != 0)
                return (int32_t)difference < 0 ? -1 : 1;
        } else if (isdigit(*p) || isdigit(*q)) {
            return isdigit(*p) ? 1 : -1;
        } else if (*p != *q) {
            return compare_chars(*p, *q);
        } else {
            p++;
            q++;
        }
    }
    return compare_chars(*p, *q);
}

static int compare_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* The loader stops at the first entry without a CPU level, so those with one come first. */
static int compare_demands(const struct nvb_ldcache_entry *a, const struct nvb_ldcache_entry *b)
{
    if (!a->hwcaps != !b->hwcaps)
        return a->hwcaps ? -1 : 1;
    if (a->hwcaps && strcmp(a->hwcaps, b->hwcaps) != 0)
        return strcmp(a->hwcaps, b->hwcaps);
    return compare_u64(b->hwcap, a->hwcap);
}

static int by_loader_order(const void *a, const void *b)
{
    const struct row *x = a;
    const struct row *y = b;
    int order = nvb_ldcache_compare_sonames(y->entry->soname, x->entry->soname);

    if (order == 0)
        order = compare_u64(y->entry->flags, x->entry->flags);
    if (order == 0)
        order = compare_demands(x->entry, y->entry);
    return order ? order : compare_u64(x->place, y->place);
}

static bool check_entry(const struct nvb_ldcache_entry *entry, struct nvb_err *err)
{
    size_t soname = strlen(entry->soname);
    size_t path = strlen(entry->path);

    if (soname == 0 || soname >= PATH_MAX || strchr(entry->soname, '/')) {
        return nvb_fail(err, NVB_D_HOST, NVB_E_INVALID,
                        "'%.80s' is not a soname that the loader's cache can hold", entry->soname);
    }
    if (entry->path[0] != '/' || path >= PATH_MAX) {
        return nvb_fail(err, NVB_D_HOST, NVB_E_INVALID,
                        "'%.80s' is not an absolute path for the loader's cache", entry->path);
    }
    if (entry->hwcaps && (!*entry->hwcaps || strlen(entry->hwcaps) >= PATH_MAX))
        return nvb_fail(err, NVB_D_HOST, NVB_E_INVALID, "a CPU level has no usable name");
    if (entry->hwcap & (HWCAP_EXTENSION | (entry->hwcaps ? UINT32_MAX : 0)))
        return nvb_fail(err, NVB_D_HOST, NVB_E_INVALID, "a CPU level has to be given by its name");
    return true;
}

static void put_u32(char *at, size_t value)
{
    uint32_t small = (uint32_t)value;

    memcpy(at, &small, sizeof(small));
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Each CPU level once and in byte order: the loader walks the list beside its own sorted one. */
static void collect_hwcaps(const struct nvb_ldcache_entry *entries, size_t n, struct nvb_strv *out)
{
    for (size_t i = 0; i < n; i++) {
        if (entries[i].hwcaps && !nvb_strv_has(out, entries[i].hwcaps))
            nvb_strv_add(out, entries[i].hwcaps);
    }
    if (out->n > 1)
        qsort(out->items, out->n, sizeof(*out->items), by_text);
}

static uint64_t hwcap_of(const struct nvb_ldcache_entry *entry, const struct nvb_strv *levels)
{
    for (size_t i = 0; entry->hwcaps && i < levels->n; i++) {
        if (strcmp(levels->items[i], entry->hwcaps) == 0)
            return entry->hwcap | HWCAP_EXTENSION | i;
    }
    return entry->hwcap;
}

/* The path, and the soname as its tail or behind it; fills the entry at `at` in the buffer. */
static void
add_entry(const struct nvb_ldcache_entry *entry, uint64_t hwcap, size_t at, struct nvb_buf *file)
{
    bool is_tail = nvb_has_suffix(entry->path, entry->soname);
    size_t path = file->len;
    size_t behind = path + strlen(entry->path) + 1;
    size_t soname = is_tail ? behind - 1 - strlen(entry->soname) : behind;
    char *slot = NULL;

    nvb_buf_add(file, entry->path, strlen(entry->path) + 1);
    if (!is_tail)
        nvb_buf_add(file, entry->soname, strlen(entry->soname) + 1);
    slot = file->data + at;
    put_u32(slot, entry->flags);
    put_u32(slot + 4, soname);
    put_u32(slot + 8, path);
    memcpy(slot + 16, &hwcap, sizeof(hwcap));
}

static void add_extension(const struct nvb_strv *levels, const size_t *names, struct nvb_buf *file)
{
    char head[EXTENSION_SIZE + SECTION_SIZE] = { 0 };

    nvb_buf_add(file, "\0\0\0", (4 - file->len % 4) % 4);
    put_u32(file->data + HEADER_EXTENSION, file->len);
    put_u32(head, EXTENSION_MAGIC);
    put_u32(head + 4, 1);
    put_u32(head + EXTENSION_SIZE, SECTION_HWCAPS);
    put_u32(head + EXTENSION_SIZE + 8, file->len + sizeof(head));
    put_u32(head + EXTENSION_SIZE + 12, levels->n * 4);
    nvb_buf_add(file, head, sizeof(head));
    for (size_t i = 0; i < levels->n; i++) {
        char offset[4];

        put_u32(offset, names[i]);
        nvb_buf_add(file, offset, sizeof(offset));
    }
}

static void
fill(const struct row *rows, size_t n, const struct nvb_strv *levels, struct nvb_buf *file)
{
    nvb_autofree size_t *names = nvb_xcalloc(levels->n, sizeof(*names));
    size_t strings = HEADER_SIZE + n * ENTRY_SIZE;

    file->data = nvb_xcalloc(strings + 1, 1);
    file->size = strings + 1;
    file->len = strings;
    memcpy(file->data, MAGIC, strlen(MAGIC));
    put_u32(file->data + HEADER_COUNT, n);
    file->data[HEADER_ENDIAN] = ENDIAN_OWN;
    for (size_t i = 0; i < n; i++) {
        add_entry(rows[i].entry, hwcap_of(rows[i].entry, levels), HEADER_SIZE + i * ENTRY_SIZE,
                  file);
    }
    for (size_t i = 0; i < levels->n; i++) {
        names[i] = file->len;
        nvb_buf_add(file, levels->items[i], strlen(levels->items[i]) + 1);
    }
    put_u32(file->data + HEADER_STRINGS, file->len - strings);
    if (levels->n > 0)
        add_extension(levels, names, file);
}

bool nvb_ldcache_write(const struct nvb_ldcache_entry *entries,
                       size_t n,
                       struct nvb_buf *out,
                       struct nvb_err *err)
{
    nvb_autofree struct row *rows = nvb_xcalloc(n, sizeof(*rows));
    nvb_auto_strv levels = { 0 };
    nvb_auto_buf file = { 0 };

    for (size_t i = 0; i < n; i++) {
        if (!check_entry(&entries[i], err))
            return false;
        rows[i] = (struct row){ &entries[i], i };
    }
    qsort(rows, n, sizeof(*rows), by_loader_order);
    collect_hwcaps(entries, n, &levels);
    fill(rows, n, &levels, &file);
    if (file.len > INT32_MAX) {
        return nvb_fail(err, NVB_D_HOST, NVB_E_UNSUPPORTED,
                        "%zu entries are too many for the loader's cache", n);
    }
    nvb_buf_add(out, file.data, file.len);
    return true;
}
