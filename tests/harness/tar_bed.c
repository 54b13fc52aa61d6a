/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "tar_bed.h"

#include <stdio.h>
#include <string.h>

enum {
    BLOCK = 512,
    CHECKSUM_AT = 148,
};

static void put_octal(char *field, size_t size, unsigned long long value)
{
    char text[32];

    (void)snprintf(text, sizeof(text), "%0*llo", (int)size - 1, value);
    memcpy(field, text, size - 1);
}

static void put_text(char *field, size_t size, const char *text)
{
    size_t len = text ? strlen(text) : 0;

    if (len > 0)
        memcpy(field, text, len < size ? len : size);
}

static void pad(struct nvb_buf *archive)
{
    static const char zeros[BLOCK];

    nvb_buf_add(archive, zeros, (BLOCK - archive->len % BLOCK) % BLOCK);
}

static void put_checksum(char *header)
{
    unsigned sum = 0;

    memset(header + CHECKSUM_AT, ' ', 8);
    for (size_t i = 0; i < BLOCK; i++)
        sum += (unsigned char)header[i];
    put_octal(header + CHECKSUM_AT, 7, sum);
    header[CHECKSUM_AT + 6] = '\0';
}

void tar_add(struct nvb_buf *archive, const struct tar_entry *entry)
{
    char header[BLOCK] = { 0 };
    size_t len = entry->content ? strlen(entry->content) : 0;
    unsigned mode = entry->mode ? entry->mode : entry->type == '5' ? 0755 : 0644;

    put_text(header, 100, entry->name);
    put_octal(header + 100, 8, mode);
    put_octal(header + 108, 8, entry->uid);
    put_octal(header + 116, 8, entry->gid);
    put_octal(header + 124, 12, entry->size ? entry->size : len);
    put_octal(header + 136, 12, entry->mtime);
    header[156] = entry->type;
    put_text(header + 157, 100, entry->link);
    memcpy(header + 257, "ustar\00000", 8);
    put_checksum(header);
    nvb_buf_add(archive, header, BLOCK);
    if (len > 0) {
        nvb_buf_add(archive, entry->content, len);
        pad(archive);
    }
}

/* "LENGTH KEY=VALUE\n", where the length counts itself. */
void tar_pax_record(struct nvb_buf *records, const char *key, const void *value, size_t len)
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

void tar_add_pax(struct nvb_buf *archive, const struct nvb_buf *records)
{
    char header[BLOCK] = { 0 };

    put_text(header, 100, "pax");
    put_octal(header + 100, 8, 0644);
    put_octal(header + 124, 12, records->len);
    header[156] = 'x';
    memcpy(header + 257, "ustar\00000", 8);
    put_checksum(header);
    nvb_buf_add(archive, header, BLOCK);
    nvb_buf_add(archive, records->data, records->len);
    pad(archive);
}

void tar_end(struct nvb_buf *archive)
{
    static const char zeros[2 * BLOCK];

    nvb_buf_add(archive, zeros, sizeof(zeros));
}
