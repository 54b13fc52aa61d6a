/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/ldcache.h"

#include <limits.h>
#include <string.h>

#include "host/ldcache_format.h"

enum {
    CACHE_MAX = 4 << 20, /* a desktop's is some 200 KiB */
};

/* The part that counts, and where in the file it starts: all its offsets are from there. */
struct view {
    const char *bytes; /* borrowed */
    size_t len;
};

static bool complain(struct nvb_err *err, const char *what)
{
    return nvb_fail(err, NVB_D_HOST, NVB_E_INVALID, "the loader's cache is damaged: %s", what);
}

static uint32_t get_u32(const char *at)
{
    uint32_t value = 0;

    memcpy(&value, at, sizeof(value));
    return value;
}

static unsigned bits_of_flags(uint32_t flags)
{
    static const struct {
        uint32_t abi;
        unsigned bits;
    } rows[] = {
        {ABI_I386,      32},
        { ABI_X32,      32},
        { ABI_ARM_HARD, 32},
        { ABI_X86_64,   64},
        { ABI_ARM64,    64},
        { ABI_PPC64,    64},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if ((flags & ABI_MASK) == rows[i].abi)
            return rows[i].bits;
    }
    return 0;
}

uint32_t nvb_ldcache_flags(unsigned machine, unsigned bits)
{
    static const struct {
        unsigned machine;
        unsigned bits;
        uint32_t abi;
    } rows[] = {
        {EM_X86_64,   64, ABI_X86_64  },
        { EM_386,     32, ABI_I386    },
        { EM_X86_64,  32, ABI_X32     },
        { EM_AARCH64, 64, ABI_ARM64   },
        { EM_ARM,     32, ABI_ARM_HARD},
        { EM_PPC64,   64, ABI_PPC64   },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].machine == machine && rows[i].bits == bits)
            return rows[i].abi | TYPE_ELF_LIBC6;
    }
    return 0;
}

/* A string that ends inside the file and is no longer than a path; NULL otherwise. */
static const char *string_at(const struct view *view, size_t offset)
{
    size_t left = offset < view->len ? view->len - offset : 0;
    size_t most = left < PATH_MAX ? left : PATH_MAX;

    if (most == 0 || !memchr(view->bytes + offset, '\0', most))
        return NULL;
    return view->bytes + offset;
}

/* The array of offsets of the glibc-hwcaps names; an unknown extension is none, as for glibc. */
static bool find_hwcaps(const struct view *view, struct view *out_names, struct nvb_err *err)
{
    uint32_t offset = get_u32(view->bytes + HEADER_EXTENSION);
    uint32_t n = 0;

    if (offset == 0)
        return true;
    if (offset % 4 != 0 || offset > view->len || view->len - offset < EXTENSION_SIZE)
        return complain(err, "its extensions lie outside");
    if (get_u32(view->bytes + offset) != EXTENSION_MAGIC)
        return true;
    n = get_u32(view->bytes + offset + 4);
    if (n > (view->len - offset - EXTENSION_SIZE) / SECTION_SIZE)
        return complain(err, "its extensions lie outside");
    for (uint32_t i = 0; i < n; i++) {
        const char *section = view->bytes + offset + EXTENSION_SIZE + (size_t)i * SECTION_SIZE;
        uint32_t at = get_u32(section + 8);
        uint32_t size = get_u32(section + 12);

        if (get_u32(section) != SECTION_HWCAPS)
            continue;
        if (at > view->len || view->len - at < size)
            return complain(err, "an extension lies outside");
        *out_names = (struct view){ view->bytes + at, size };
    }
    return true;
}

static bool take_hwcaps(const struct view *view,
                        const struct view *names,
                        struct nvb_ldcache_entry *entry,
                        struct nvb_err *err)
{
    uint64_t index = entry->hwcap & UINT32_MAX;

    if (!(entry->hwcap & HWCAP_EXTENSION))
        return true;
    if (index >= names->len / 4)
        return complain(err, "an entry names a CPU level that is not there");
    entry->hwcaps = string_at(view, get_u32(names->bytes + index * 4));
    entry->hwcap &= ~(HWCAP_EXTENSION | UINT32_MAX);
    return entry->hwcaps || complain(err, "the name of a CPU level lies outside");
}

static bool take_entry(const struct view *view,
                       const char *at,
                       struct nvb_ldcache_entry *out,
                       struct nvb_err *err)
{
    *out = (struct nvb_ldcache_entry){
        .flags = get_u32(at),
        .bits = bits_of_flags(get_u32(at)),
        .soname = string_at(view, get_u32(at + 4)),
        .path = string_at(view, get_u32(at + 8)),
    };
    return (out->soname && out->path) || complain(err, "a name lies outside");
}

static bool parse_new(const struct view *view, struct nvb_ldcache *cache, struct nvb_err *err)
{
    struct view names = { 0 };
    size_t n = view->len >= HEADER_SIZE ? get_u32(view->bytes + HEADER_COUNT) : 0;

    if (view->len < HEADER_SIZE || n > (view->len - HEADER_SIZE) / ENTRY_SIZE)
        return complain(err, "it ends before its entries do");
    if (view->bytes[HEADER_ENDIAN] != ENDIAN_UNSET && view->bytes[HEADER_ENDIAN] != ENDIAN_OWN) {
        return nvb_fail(err, NVB_D_HOST, NVB_E_UNSUPPORTED,
                        "the loader's cache is for machines of the other byte order");
    }
    if (!find_hwcaps(view, &names, err))
        return false;
    cache->items = nvb_xcalloc(n, sizeof(*cache->items));
    for (; cache->n < n; cache->n++) {
        const char *at = view->bytes + HEADER_SIZE + cache->n * ENTRY_SIZE;
        struct nvb_ldcache_entry *entry = &cache->items[cache->n];

        if (!take_entry(view, at, entry, err))
            return false;
        memcpy(&entry->hwcap, at + 16, sizeof(entry->hwcap));
        if (!take_hwcaps(view, &names, entry, err))
            return false;
    }
    return true;
}

/* Before glibc 2.2 there was nothing behind the old part; its offsets start behind its entries. */
static bool
parse_old(const struct view *file, size_t n, struct nvb_ldcache *cache, struct nvb_err *err)
{
    size_t start = OLD_HEADER_SIZE + n * OLD_ENTRY_SIZE;
    const struct view view = { file->bytes + start, file->len - start };

    cache->items = nvb_xcalloc(n, sizeof(*cache->items));
    for (; cache->n < n; cache->n++) {
        const char *at = file->bytes + OLD_HEADER_SIZE + cache->n * OLD_ENTRY_SIZE;

        if (!take_entry(&view, at, &cache->items[cache->n], err))
            return false;
    }
    return true;
}

static bool has_magic(const struct view *view, const char *magic)
{
    return view->len >= strlen(magic) && memcmp(view->bytes, magic, strlen(magic)) == 0;
}

static bool parse(const struct view *file, struct nvb_ldcache *cache, struct nvb_err *err)
{
    struct view rest = { 0 };
    size_t n = 0;
    size_t end = 0;

    if (has_magic(file, MAGIC))
        return parse_new(file, cache, err);
    if (!has_magic(file, OLD_MAGIC))
        return complain(err, "it does not start like one");
    if (file->len >= OLD_HEADER_SIZE)
        n = get_u32(file->bytes + OLD_HEADER_COUNT);
    if (file->len < OLD_HEADER_SIZE || n > (file->len - OLD_HEADER_SIZE) / OLD_ENTRY_SIZE)
        return complain(err, "it ends before its old entries do");
    end = (OLD_HEADER_SIZE + n * OLD_ENTRY_SIZE + 7) & ~(size_t)7;
    if (end < file->len)
        rest = (struct view){ file->bytes + end, file->len - end };
    return has_magic(&rest, MAGIC) ? parse_new(&rest, cache, err) : parse_old(file, n, cache, err);
}

/* The entries point into the cache's own bytes, so it is handed over whole. */
static bool
parse_own(struct nvb_ldcache *cache, size_t len, struct nvb_ldcache *out, struct nvb_err *err)
{
    const struct view file = { cache->bytes, len };

    if (!parse(&file, cache, err))
        return false;
    *out = *cache;
    *cache = (struct nvb_ldcache){ 0 };
    return true;
}

bool nvb_ldcache_parse(const void *data, size_t len, struct nvb_ldcache *out, struct nvb_err *err)
{
    nvb_auto_ldcache cache = { .bytes = nvb_xcalloc(len + 1, 1) };

    memcpy(cache.bytes, data, len);
    return parse_own(&cache, len, out, err);
}

bool nvb_ldcache_read(const struct nvb_host *host, struct nvb_ldcache *out, struct nvb_err *err)
{
    nvb_auto_ldcache cache = { 0 };
    size_t len = 0;

    if (!nvb_read_in_root(host->root_fd, "/etc/ld.so.cache", CACHE_MAX, &cache.bytes, &len, err))
        return false;
    return parse_own(&cache, len, out, err) || nvb_while(err, "while reading '/etc/ld.so.cache'");
}

void nvb_ldcache_clear(struct nvb_ldcache *cache)
{
    free(cache->bytes);
    free(cache->items);
    *cache = (struct nvb_ldcache){ 0 };
}
