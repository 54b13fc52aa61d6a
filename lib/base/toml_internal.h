/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* toml_internal.h - what the files of the TOML reader share; nobody else includes it.
 *
 * toml.c        the document and looking things up in it
 * toml_error.c  places, excerpts and carets
 * toml_scan.c   bytes to keys and strings
 * toml_scalar.c words to booleans, numbers, dates and times
 * toml_tree.c   which table a key lands in, and what may not be defined twice
 * toml_parse.c  values, lines and headers
 * toml_edit.c   splices
 *
 * The text is checked once before anything is scanned: it is UTF-8, holds no control character
 * but tab and line ends, and ends with a NUL that is not part of it. So a scanner may look one
 * byte ahead without asking for the length, and a 0 byte always means the end. */
#pragma once

#include "base/toml.h"

enum {
    TOML_DEPTH_MAX = 64,      /* nested tables and arrays; nobody writes more by hand */
    TOML_SIZE_MAX = 1 << 20,  /* a megabyte of configuration is a mistake */
    TOML_QUOTE_MAX = 40,      /* how much of a wrong word an error repeats */
    TOML_UTF8_MAX = 0x10ffff, /* the last code point */
};

/* How a table came to be decides who may add to it. */
enum toml_made {
    TOML_MADE_VALUE = 0,      /* not a table, or an array of plain values */
    TOML_MADE_BY_PATH,        /* [a.b] made `a` on its way: one [a] may still come */
    TOML_MADE_BY_HEADER,      /* [a], an element of [[a]], or the root */
    TOML_MADE_BY_DOTS,        /* a.b = 1 made `a`: only further dotted keys or [a.c] add to it */
    TOML_MADE_INLINE,         /* a = { }: complete as it stands */
    TOML_MADE_BY_ARRAY_HEADER /* the array of [[a]] */
};

struct toml_node {
    struct nvb_toml_value value; /* first, so that a value's address is its node's */
    enum toml_made made;
    unsigned depth;           /* 0 for the root */
    struct toml_node *parent; /* borrowed */

    /* Where it is written. An entry is "key = value"; its container is the section (header
     * table or root) or the inline table in whose text it stands. Tables made by dots have the
     * section of their first entry as container. */
    size_t start; /* first byte of the value, or of the header */
    size_t end;   /* behind the value; unused for tables of headers and dots */
    bool is_entry;
    size_t key_start;            /* of an entry */
    struct toml_node *container; /* borrowed */
    size_t
        own_end; /* of a header or dots table: behind its last own line; 0 if the root has none */

    char *text;  /* owned; what value.string.text points to */
    char **keys; /* owned, and the strings too; table only */
    size_t *key_lens;
    struct nvb_toml_value **items; /* owned; of a table or an array */
    size_t n_alloc;
};

struct nvb_toml {
    char *text; /* owned, NUL-terminated behind len */
    size_t len;
    char *name;               /* owned */
    struct toml_node **nodes; /* owned, in order of appearance; [0] is the root */
    size_t n_nodes;
    size_t n_nodes_alloc;
    size_t first_header; /* offset of the first "[", or len */
};

struct toml_place {
    size_t at;
    unsigned line;
    unsigned column;
};

struct toml_key {
    char *text; /* owned until a table takes it */
    size_t len;
    size_t start; /* its bytes in the document, quotes included */
    size_t end;
};

struct toml_keys {
    struct toml_key items[TOML_DEPTH_MAX];
    size_t n;
};

/* All entries of all tables, so that a file of a hundred thousand keys is read in linear time. */
struct toml_slot {
    const struct toml_node *table;
    const char *key; /* borrowed from the table */
    size_t len;
    struct toml_node *child;
};

struct toml_reader {
    struct nvb_toml *doc;
    size_t at;
    struct toml_place place;   /* last one asked for; they are asked for in order */
    struct toml_node *section; /* what lines add to: the root or the last header's table */
    struct toml_slot *slots;   /* owned; a hash table, n_slots is a power of two */
    size_t n_slots;
    size_t n_used;
    struct nvb_err *err;
};

/* toml_error.c */
void toml_place_move(const struct nvb_toml *doc, struct toml_place *place, size_t at);
bool toml_fail(const struct nvb_toml *doc, size_t at, struct nvb_err *err, const char *fmt, ...)
    NVB_PRINTF(4, 5);

/* A byte order mark at the start takes no room on the screen and means nothing. */
static inline size_t toml_mark_length(const char *text)
{
    return nvb_has_prefix(text, "\xef\xbb\xbf") ? 3 : 0;
}

/* The second and later bytes of a character. */
static inline bool toml_is_tail(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* toml_scan.c */
bool toml_check_text(const struct nvb_toml *doc, struct nvb_err *err);
size_t toml_newline_length(const char *s); /* 1, 2 or 0 */
void toml_skip_blanks(struct toml_reader *r);
void toml_skip_lines(struct toml_reader *r); /* blanks, comments and line ends */
bool toml_end_line(struct toml_reader *r, const char *behind);
bool toml_is_bare(char c);
bool toml_scan_keys(struct toml_reader *r, struct toml_keys *out_keys);
void toml_keys_clear(struct toml_keys *keys);
bool toml_scan_string(struct toml_reader *r, char **out_text, size_t *out_len);

/* toml_scalar.c: the union of `node` is filled, r->at moves behind the word. */
bool toml_scan_scalar(struct toml_reader *r, struct toml_node *node);
char *toml_dup_real(double value);

/* toml_tree.c */
struct toml_node *toml_node_new(struct toml_reader *r,
                                enum nvb_toml_type type,
                                enum toml_made made,
                                size_t start,
                                unsigned depth);
void toml_node_free(struct toml_node *node);
void toml_array_add(struct toml_node *array, struct toml_node *child);
void toml_table_add(struct toml_reader *r,
                    struct toml_node *table,
                    struct toml_key *take_key,
                    struct toml_node *child);
/* The table that `keys` but the last lead to from a line of `container`. */
bool toml_walk_dots(struct toml_reader *r,
                    struct toml_node *container,
                    struct toml_keys *keys,
                    struct toml_node **out_table);
/* The table that a header names, made if need be. */
bool toml_walk_header(struct toml_reader *r,
                      struct toml_keys *keys,
                      bool is_array,
                      size_t start,
                      struct toml_node **out_table);

/* toml_parse.c */
bool toml_parse_value(struct toml_reader *r, unsigned depth, struct toml_node **out_node);
bool toml_parse_document(struct nvb_toml *doc, struct nvb_err *err);
