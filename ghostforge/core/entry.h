/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* entry.h - what one source says of one game: a row of Steam's, of Lutris's, or one typed by hand.
 *
 * All that a source can say stands in one table of fields; the store's columns, comparing, copying
 * and the JSON form are made from it. A text that is empty is NULL. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"

typedef enum {
    GF_STATE_READY = 1,
    GF_STATE_PARTIAL, /* its installation is not finished */
    GF_STATE_ABSENT, /* its files, or what lists it, cannot be reached now: a drive that is not there */
    GF_STATE_GONE, /* its source does not list it any more */
} GfState;

/* All owned. Paths are those of this machine, whatever the bytes; other texts are UTF-8. */
typedef struct {
    char *source;    /* "steam": the name of a GfSource */
    char *native_id; /* what the source calls it, unique there */
    char *alias;     /* "lutris:rungame/portal-2": what else others may call it by */
    char *same_as;   /* "steam:620": this only starts that; NULL for a game of its own */
    char *title;
    char *runner; /* what starts it: native, proton, wine, flatpak, browser, or the source's word */
    char *platform;    /* linux, windows, or the source's word */
    char *tool;        /* the version of Proton or Wine, as the source calls it */
    char *install_dir; /* absolute */
    char *exe;         /* absolute when the source says where it is; of a prefix: a Windows path */
    char *args;        /* as a shell reads them */
    char *working_dir;
    char *prefix; /* the directory that has drive_c */
    char *uri;    /* what its own launcher starts it by */
    char *cover;  /* a picture 2:3 */
    char *icon;
    char *env;     /* JSON: an object of texts */
    char *options; /* JSON: what else the source has set, by our names where there is one */
    char *place;   /* for finding the same game in other sources; entry_place.h */
    int64_t playtime_s;
    int64_t last_played_s; /* since the epoch; 0: never, or not told */
    int64_t size_bytes;
    int64_t state;      /* GfState */
    bool starts_hidden; /* not kept: the source hides it, so does the library when it is new */
    bool is_reference;  /* not kept: without what it is the same as, it is no game */
} GfEntry;

typedef enum {
    GF_FIELD_TEXT,
    GF_FIELD_JSON, /* text that is an object */
    GF_FIELD_NUMBER,
} GfFieldType;

typedef struct {
    const char *name; /* of the column, and in JSON */
    GfFieldType type;
    size_t offset; /* in GfEntry */
} GfField;

/* In the order of the columns; source and native_id are the first two. */
extern const GfField gf_entry_fields[];

enum {
    GF_N_FIELDS = 23,
};

GfEntry *gf_entry_new(const char *source, const char *native_id);
GfEntry *gf_entry_copy(const GfEntry *entry);
void gf_entry_free(GfEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GfEntry, gf_entry_free)

char **gf_entry_text(GfEntry *entry, const GfField *field);
const char *gf_entry_get_text(const GfEntry *entry, const GfField *field);
int64_t *gf_entry_number(GfEntry *entry, const GfField *field);
int64_t gf_entry_get_number(const GfEntry *entry, const GfField *field);

/* Set a text field, with what is no UTF-8 replaced (set_text) or as it is (set_path). Empty is NULL. */
void gf_entry_set_text(char **field, const char *text);
/* A title is one line: what is no letter of it (line ends, codes of terminals, marks that turn the
 * direction of writing) is left out or a blank. */
void gf_entry_set_title(GfEntry *entry, const char *title);
void gf_entry_set_path(char **field, const char *path);
void gf_entry_take_json(char **field, struct nvb_json *take_object); /* an empty object is NULL */

bool gf_entry_is_equal(const GfEntry *a, const GfEntry *b);

/* Fill what `entry` does not say of the game itself (not of how it is started) with what another
 * source says of it; the times are the larger. */
void gf_entry_fill(GfEntry *entry, const GfEntry *from);

/* "steam:620". Caller frees. */
char *gf_entry_dup_key(const GfEntry *entry);

/* "ready", ... */
const char *gf_state_name(int64_t state);

/* All fields that say something, added to an object. */
void gf_entry_add_json(const GfEntry *entry, struct nvb_json *object);
