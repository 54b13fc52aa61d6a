/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* text.h - strings, string lists, a growing buffer, and numbers read from text.
 *
 * Every allocation here aborts when memory runs out, so no caller tests it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "nvbind/error.h"

void *nvb_xcalloc(size_t n, size_t size) __attribute__((malloc, returns_nonnull));
void *nvb_xrealloc(void *p, size_t n, size_t size) __attribute__((returns_nonnull));
char *nvb_xstrdup(const char *s) __attribute__((malloc, returns_nonnull, nonnull));
char *nvb_xstrndup(const char *s, size_t len) __attribute__((malloc, returns_nonnull));
char *nvb_xasprintf(const char *fmt, ...) NVB_PRINTF(1, 2) __attribute__((returns_nonnull));

bool nvb_has_prefix(const char *s, const char *prefix);
bool nvb_has_suffix(const char *s, const char *suffix);

/* Cut the spaces, tabs and line ends off both sides, in place; returns its argument moved on. */
char *nvb_trim(char *s);

/* How many bytes the UTF-8 character at `s` has, 1 to 4; 0 when there is none, or no whole one, in
 * `len` bytes. Shortest forms only, no surrogates, nothing above U+10FFFF (RFC 3629). */
size_t nvb_utf8_length(const char *s, size_t len);

/* Put '?' for each byte that is no UTF-8: for text that becomes JSON. */
void nvb_make_utf8(char *text);

/* Would a terminal obey the character of `len` bytes? */
bool nvb_is_control(const char *s, size_t len);

/* Print text that may hold foreign words to a terminal: control characters and what is no UTF-8 as
 * \xNN, and a line end never lets such words begin a line. */
void nvb_print_plain(const char *text, FILE *out);

/* A list of owned strings; items[n] is always NULL once something was added, so that
 * `items` can be handed to execve(). An empty list may have items == NULL. */
struct nvb_strv {
    char **items; /* owned */
    size_t n;
};

void nvb_strv_add(struct nvb_strv *v, const char *s);
void nvb_strv_take(struct nvb_strv *v, char *take_s);
void nvb_strv_addf(struct nvb_strv *v, const char *fmt, ...) NVB_PRINTF(2, 3);
void nvb_strv_copy(struct nvb_strv *to, const struct nvb_strv *from); /* appends */
bool nvb_strv_has(const struct nvb_strv *v, const char *s);
char *nvb_strv_join(const struct nvb_strv *v, const char *separator);
void nvb_strv_sort(struct nvb_strv *v); /* by bytes */
void nvb_strv_clear(struct nvb_strv *v);
#define nvb_auto_strv __attribute__((cleanup(nvb_strv_clear))) struct nvb_strv

/* A list of "NAME=value" strings: set replaces an entry of that name, get returns NULL if absent. */
void nvb_env_set(struct nvb_strv *env, const char *name, const char *value);
const char *nvb_env_get(const struct nvb_strv *env, const char *name); /* borrowed */

/* Bytes that grow; data[len] is always 0 once something was added. */
struct nvb_buf {
    char *data; /* owned */
    size_t len;
    size_t size; /* allocated */
};

void nvb_buf_reserve(struct nvb_buf *b, size_t room); /* behind len, and a 0 behind that */
void nvb_buf_add(struct nvb_buf *b, const void *data, size_t len);
void nvb_buf_add_str(struct nvb_buf *b, const char *s);
void nvb_buf_addf(struct nvb_buf *b, const char *fmt, ...) NVB_PRINTF(2, 3);
void nvb_buf_clear(struct nvb_buf *b);
#define nvb_auto_buf __attribute__((cleanup(nvb_buf_clear))) struct nvb_buf

/* Decimal only, no sign, no blanks, nothing behind the digits; false on overflow of `max` too. */
bool nvb_parse_u64(const char *s, uint64_t max, uint64_t *out);

/* "512", "64k", "512M", "4G", "1T" (powers of 1024; an optional "B" or "iB" behind) -> bytes. */
bool nvb_parse_size(const char *s, uint64_t *out_bytes);

/* The candidate that `word` was most likely meant to be, or NULL when none is near.
 * `candidates` is a NULL-terminated list; the result is one of its items. */
const char *nvb_nearest(const char *word, const char *const *candidates);
