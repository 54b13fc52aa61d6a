/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "tar_index.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum {
    BLOCK = 512,
    SIZE_AT = 124,
    CHECKSUM_AT = 148,
    TYPE_AT = 156,
    LINK_AT = 157,
    MAGIC_AT = 257,
    PREFIX_AT = 345,
    MEMBERS_MAX = 100000,
    EXTENSION_MAX = 1 << 20, /* a long name or a pax header */
    LINKS_MAX = 8,
};

/* What extension headers said of the next member. */
struct next {
    char *name; /* owned */
    char *link; /* owned */
    uint64_t size_bytes;
    bool has_size;
};

struct reader {
    int fd;            /* borrowed */
    const char *title; /* borrowed */
    uint64_t at;
    struct next next;
    struct nvb_err *err;
};

static void next_clear(struct next *next)
{
    free(next->name);
    free(next->link);
    *next = (struct next){ 0 };
}

void tar_index_clear(struct tar_index *index)
{
    for (size_t i = 0; i < index->n; i++) {
        free(index->items[i].name);
        free(index->items[i].link);
    }
    free(index->items);
    *index = (struct tar_index){ 0 };
}

static bool fail(const struct reader *r, const char *why)
{
    return nvb_fail(r->err, NVB_D_IMAGE, NVB_E_INVALID,
                    "'%s' is no archive that can be read: %s at %llu", r->title, why,
                    (unsigned long long)r->at);
}

/* All of `len` bytes, or false. */
static bool read_at(const struct reader *r, uint64_t at, void *out, size_t len)
{
    size_t done = 0;

    while (done < len) {
        ssize_t got = pread(r->fd, (char *)out + done, len - done, (off_t)(at + done));

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    return true;
}

/* Octal, or base 256 when the first bit is set. */
static bool read_number(const unsigned char *field, size_t size, uint64_t *out)
{
    uint64_t value = 0;
    size_t i = 0;

    if (field[0] & 0x80) {
        if (field[0] != 0x80)
            return false; /* below zero, or more than 88 bits */
        for (i = 1; i < size; i++) {
            if (value >> 55)
                return false;
            value = value << 8 | field[i];
        }
        *out = value;
        return true;
    }
    while (i < size && field[i] == ' ')
        i++;
    for (; i < size && field[i] >= '0' && field[i] <= '7'; i++)
        value = value << 3 | (uint64_t)(field[i] - '0');
    if (i < size && field[i] != ' ' && field[i] != '\0')
        return false;
    *out = value;
    return true;
}

static bool is_zero(const unsigned char *block)
{
    for (size_t i = 0; i < BLOCK; i++) {
        if (block[i])
            return false;
    }
    return true;
}

static bool has_checksum(const unsigned char *header)
{
    uint64_t want = 0;
    uint64_t sum = 0;

    for (size_t i = 0; i < BLOCK; i++)
        sum += i >= CHECKSUM_AT && i < CHECKSUM_AT + 8 ? ' ' : header[i];
    return read_number(header + CHECKSUM_AT, 8, &want) && want == sum;
}

static char *dup_field(const unsigned char *field, size_t size)
{
    return nvb_xstrndup((const char *)field, strnlen((const char *)field, size));
}

static char *dup_header_name(const unsigned char *header)
{
    nvb_autofree char *name = dup_field(header, 100);
    nvb_autofree char *prefix = NULL;

    /* GNU's archives have other things there. */
    if (memcmp(header + MAGIC_AT, "ustar\0", 6) != 0 || !header[PREFIX_AT])
        return nvb_steal(&name);
    prefix = dup_field(header + PREFIX_AT, 155);
    return nvb_xasprintf("%s/%s", prefix, name);
}

/* "./a//b/" -> "a/b"; NULL when it leads out. `base` is what a relative link starts from. */
static char *dup_plain(const char *base, const char *path)
{
    nvb_auto_strv parts = { 0 };
    nvb_autofree char *whole = nvb_xasprintf("%s/%s", *path == '/' ? "" : base, path);
    char *rest = whole;

    for (char *part = NULL; (part = strsep(&rest, "/"));) {
        if (strcmp(part, "..") == 0) {
            if (parts.n == 0)
                return NULL;
            free(parts.items[--parts.n]);
            parts.items[parts.n] = NULL;
        } else if (*part && strcmp(part, ".") != 0) {
            nvb_strv_add(&parts, part);
        }
    }
    return parts.n > 0 ? nvb_strv_join(&parts, "/") : NULL;
}

static void take_pax_value(struct next *next, const char *key, const char *value, size_t len)
{
    if (strcmp(key, "path") == 0) {
        free(next->name);
        next->name = nvb_xstrndup(value, len);
    } else if (strcmp(key, "linkpath") == 0) {
        free(next->link);
        next->link = nvb_xstrndup(value, len);
    } else if (strcmp(key, "size") == 0) {
        nvb_autofree char *number = nvb_xstrndup(value, len);

        next->has_size = nvb_parse_u64(number, INT64_MAX, &next->size_bytes);
    }
}

/* Records "LENGTH KEY=VALUE\n", where the length counts itself. */
static bool take_pax(struct reader *r, const char *text, size_t len)
{
    const char *p = text;
    const char *end = text + len;

    while (p < end && *p) {
        size_t digits = strspn(p, "0123456789");
        nvb_autofree char *number = nvb_xstrndup(p, digits);
        const char *key = p + digits + 1;
        const char *equals = NULL;
        uint64_t size = 0;
        nvb_autofree char *name = NULL;

        if (!nvb_parse_u64(number, (uint64_t)(end - p), &size) || p[digits] != ' ' ||
            size < digits + 3 || p[size - 1] != '\n')
            return fail(r, "a damaged pax header");
        equals = memchr(key, '=', (size_t)(p + size - key));
        if (!equals)
            return fail(r, "a damaged pax header");
        name = nvb_xstrndup(key, (size_t)(equals - key));
        take_pax_value(&r->next, name, equals + 1, (size_t)(p + size - 1 - (equals + 1)));
        p += size;
    }
    return true;
}

/* Headers about the next member: its long name or link, or pax records. */
static bool take_extension(struct reader *r, char type, uint64_t size)
{
    nvb_autofree char *text = NULL;

    if (size > EXTENSION_MAX)
        return fail(r, "a header that is too large");
    text = nvb_xcalloc(size + 1, 1);
    if (!read_at(r, r->at + BLOCK, text, size))
        return fail(r, "it is cut off");
    if (type == 'x')
        return take_pax(r, text, size);
    if (type == 'L') {
        free(r->next.name);
        r->next.name = nvb_steal(&text);
    } else if (type == 'K') {
        free(r->next.link);
        r->next.link = nvb_steal(&text);
    }
    return true; /* 'g' says nothing that we need */
}

static void add(struct tar_index *index, const struct tar_member *take_member)
{
    if ((index->n & (index->n - 1)) == 0)
        index->items =
            nvb_xrealloc(index->items, index->n ? index->n * 2 : 1, sizeof(*index->items));
    index->items[index->n++] = *take_member;
}

/* What a link points to, as a member's name: a hard link from the top, another from where it is. */
static char *dup_target(char type, const char *name, const char *target)
{
    const char *slash = type == '2' ? strrchr(name, '/') : NULL;
    nvb_autofree char *base = nvb_xstrndup(name, slash ? (size_t)(slash - name) : 0);

    return dup_plain(base, target);
}

static void take_member(struct reader *r,
                        struct tar_index *index,
                        const unsigned char *header,
                        char type,
                        uint64_t size)
{
    nvb_autofree char *raw = r->next.name ? nvb_steal(&r->next.name) : dup_header_name(header);
    nvb_autofree char *raw_link =
        r->next.link ? nvb_steal(&r->next.link) : dup_field(header + LINK_AT, 100);
    struct tar_member member = { .name = dup_plain("", raw),
                                 .at = r->at + BLOCK,
                                 .size_bytes = size };

    if (member.name && (type == '1' || type == '2'))
        member.link = dup_target(type, member.name, raw_link);
    if (member.name && (member.link || type == '0' || type == '\0' || type == '7')) {
        add(index, &member);
        return;
    }
    free(member.name);
}

/* One header and what belongs to it; *out_end at the end of the archive. */
static bool step(struct reader *r, struct tar_index *index, bool *out_end)
{
    unsigned char header[BLOCK];
    uint64_t size = 0;
    char type = 0;

    *out_end = !read_at(r, r->at, header, BLOCK);
    if (*out_end)
        return index->n > 0 || fail(r, "nothing is there");
    *out_end = is_zero(header);
    if (*out_end)
        return true;
    if (!has_checksum(header) || !read_number(header + SIZE_AT, 12, &size))
        return fail(r, "no header");
    type = (char)header[TYPE_AT];
    if (strchr("xgLK", type) && type) {
        if (!take_extension(r, type, size))
            return false;
    } else {
        if (r->next.has_size)
            size = r->next.size_bytes;
        if (strchr("123456", type) && type)
            size = 0;
        if (index->n == MEMBERS_MAX)
            return fail(r, "more than 100000 files");
        take_member(r, index, header, type, size);
        next_clear(&r->next);
    }
    if (size > INT64_MAX - r->at - 2 * BLOCK)
        return fail(r, "a file that is too large");
    r->at += BLOCK + (size + BLOCK - 1) / BLOCK * BLOCK;
    return true;
}

bool tar_index_read(int fd, const char *name, struct tar_index *out, struct nvb_err *err)
{
    struct reader r = { .fd = fd, .title = name, .err = err };
    auto_tar_index index = { 0 };
    bool is_end = false;
    bool ok = true;

    while (ok && !is_end)
        ok = step(&r, &index, &is_end);
    next_clear(&r.next);
    if (!ok)
        return false;
    *out = index;
    index = (struct tar_index){ 0 };
    return true;
}

const struct tar_member *tar_index_find(const struct tar_index *index, const char *name)
{
    const char *wanted = name;

    for (int hops = 0; hops < LINKS_MAX; hops++) {
        const struct tar_member *found = NULL;

        for (size_t i = index->n; i > 0 && !found; i--) {
            if (strcmp(index->items[i - 1].name, wanted) == 0)
                found = &index->items[i - 1];
        }
        if (!found || !found->link)
            return found;
        wanted = found->link;
    }
    return NULL;
}
