/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "tar_write.h"

#include <stdio.h>
#include <string.h>

enum {
    BLOCK = 512,
    NAME_SIZE = 100,
    PREFIX_SIZE = 155,
    CHECKSUM_AT = 148,
    PREFIX_AT = 345,
    ID_MAX = 07777777,
};

static const uint64_t size_max = 077777777777;

static bool is_ascii(const char *s)
{
    for (; *s; s++) {
        if ((unsigned char)*s >= 0x80)
            return false;
    }
    return true;
}

/* Where a long name is cut in two: at a slash, both sides short enough. 0: it fits whole; -1: it
 * needs a record. */
static int find_split(const char *name)
{
    size_t len = strlen(name);

    if (!is_ascii(name))
        return -1;
    if (len <= NAME_SIZE)
        return 0;
    for (size_t i = len > NAME_SIZE + 1 ? len - NAME_SIZE - 1 : 1; i < len - 1 && i <= PREFIX_SIZE;
         i++) {
        if (name[i] == '/')
            return (int)i;
    }
    return -1;
}

static void put_octal(char *field, size_t size, uint64_t value)
{
    char text[32];

    (void)snprintf(text, sizeof(text), "%0*llo", (int)size - 1, (unsigned long long)value);
    memcpy(field, text, size);
}

static void put_text(char *field, size_t size, const char *text, size_t len)
{
    memcpy(field, text, len < size ? len : size);
}

static void put_checksum(char *block)
{
    unsigned sum = 0;

    memset(block + CHECKSUM_AT, ' ', 8);
    for (size_t i = 0; i < BLOCK; i++)
        sum += (unsigned char)block[i];
    put_octal(block + CHECKSUM_AT, 7, sum);
}

/* What does not fit is said in records before it, so zeros or a beginning do here. */
static void fill(char *block, const struct tar_header *h, const char *name, int split)
{
    size_t len = strlen(name);
    size_t at = split > 0 ? (size_t)split + 1 : 0;

    put_text(block, NAME_SIZE, name + at, len - at);
    put_octal(block + 100, 8, h->mode & 07777);
    put_octal(block + 108, 8, h->uid <= ID_MAX ? h->uid : 0);
    put_octal(block + 116, 8, h->gid <= ID_MAX ? h->gid : 0);
    put_octal(block + 124, 12, h->size_bytes <= size_max ? h->size_bytes : 0);
    put_octal(block + 136, 12,
              h->mtime.tv_sec >= 0 && (uint64_t)h->mtime.tv_sec <= size_max
                  ? (uint64_t)h->mtime.tv_sec
                  : 0);
    block[156] = h->type;
    if (h->link)
        put_text(block + 157, NAME_SIZE, h->link, strlen(h->link));
    memcpy(block + 257, "ustar\00000", 8);
    if (split > 0)
        put_text(block + PREFIX_AT, PREFIX_SIZE, name, (size_t)split);
    put_checksum(block);
}

/* "LENGTH KEY=VALUE\n", where the length counts itself. */
static void add_record(struct nvb_buf *records, const char *key, const void *value, size_t len)
{
    size_t rest = strlen(key) + len + 3;
    size_t total = rest + 1;
    nvb_autofree char *number = nvb_xasprintf("%zu", total);

    while (strlen(number) + rest != total) {
        free(number);
        number = nvb_xasprintf("%zu", ++total);
    }
    nvb_buf_addf(records, "%s %s=", number, key);
    nvb_buf_add(records, value, len);
    nvb_buf_add_str(records, "\n");
}

static void add_text(struct nvb_buf *records, const char *key, const char *value)
{
    add_record(records, key, value, strlen(value));
}

static void add_number(struct nvb_buf *records, const char *key, uint64_t value)
{
    nvb_autofree char *text = nvb_xasprintf("%llu", (unsigned long long)value);

    add_text(records, key, text);
}

static void add_time(struct nvb_buf *records, const struct timespec *t)
{
    nvb_autofree char *text = NULL;

    /* Before 1970 a fraction counts forward from the whole second below, as POSIX has it. */
    if (t->tv_sec < 0 && t->tv_nsec > 0) {
        text = nvb_xasprintf("-%lld.%09ld", -((long long)t->tv_sec + 1), 1000000000L - t->tv_nsec);
    } else if (t->tv_nsec > 0) {
        text = nvb_xasprintf("%lld.%09ld", (long long)t->tv_sec, t->tv_nsec);
    } else {
        text = nvb_xasprintf("%lld", (long long)t->tv_sec);
    }
    add_text(records, "mtime", text);
}

static void add_records(struct nvb_buf *records, const struct tar_header *h, int split)
{
    if (split < 0)
        add_text(records, "path", h->name);
    if (h->link && (strlen(h->link) > NAME_SIZE || !is_ascii(h->link)))
        add_text(records, "linkpath", h->link);
    if (h->uid > ID_MAX)
        add_number(records, "uid", h->uid);
    if (h->gid > ID_MAX)
        add_number(records, "gid", h->gid);
    if (h->size_bytes > size_max)
        add_number(records, "size", h->size_bytes);
    if (h->mtime.tv_nsec != 0 || h->mtime.tv_sec < 0 || (uint64_t)h->mtime.tv_sec > size_max)
        add_time(records, &h->mtime);
    for (size_t i = 0; i < h->xattrs.n; i++) {
        nvb_autofree char *key = nvb_xasprintf("SCHILY.xattr.%s", h->xattrs.items[i].name);

        add_record(records, key, h->xattrs.items[i].value, h->xattrs.items[i].len);
    }
}

bool tar_write_padding(const struct tar_out *out, uint64_t size_bytes, struct nvb_err *err)
{
    static const char zeros[BLOCK];

    return size_bytes % BLOCK == 0 || out->write(out->data, zeros, BLOCK - size_bytes % BLOCK, err);
}

bool tar_write_header(const struct tar_out *out,
                      const struct tar_header *header,
                      struct nvb_err *err)
{
    int split = find_split(header->name);
    nvb_auto_buf records = { 0 };
    char block[BLOCK] = { 0 };

    add_records(&records, header, split);
    if (records.len > 0) {
        const struct tar_header extension = { .type = 'x',
                                              .mode = 0644,
                                              .size_bytes = records.len };
        char before[BLOCK] = { 0 };

        fill(before, &extension, "././@PaxHeader", 0);
        if (!out->write(out->data, before, BLOCK, err) ||
            !out->write(out->data, records.data, records.len, err) ||
            !tar_write_padding(out, records.len, err))
            return false;
    }
    fill(block, header, header->name, split);
    return out->write(out->data, block, BLOCK, err);
}

bool tar_write_end(const struct tar_out *out, struct nvb_err *err)
{
    static const char zeros[2 * BLOCK];

    return out->write(out->data, zeros, sizeof(zeros), err);
}
