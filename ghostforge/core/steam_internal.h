/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* steam_internal.h - one installation of Steam while it is being read. */
#pragma once

#include "core/source.h"
#include "core/vdf.h"

/* A folder of games, on any drive. */
typedef struct {
    char *path;           /* owned; "/mnt/games" */
    char *apps;           /* owned; "/mnt/games/steamapps" */
    int apps_fd;          /* owned */
    GHashTable *prefixes; /* owned; the app ids that compatdata/ has, as text */
} GfSteamLibrary;

/* What the users of this machine did with an app; the words are those of the latest user. */
typedef struct {
    char *launch_options; /* owned */
    int64_t playtime_s;
    int64_t last_played_s;
} GfSteamPlay;

typedef struct {
    GfFinds *finds;        /* borrowed */
    char *root;            /* owned; all links followed */
    int root_fd;           /* owned */
    GPtrArray *libraries;  /* of GfSteamLibrary, owned; the root's own first */
    GPtrArray *users;      /* the names in userdata/ ("12345"), the latest first; owned */
    GHashTable *tools;     /* app id -> compatibility tool ("" for native), owned */
    GHashTable *plays;     /* app id -> GfSteamPlay, owned */
    GHashTable *art_names; /* what appcache/librarycache has, owned */
    GHashTable *grid;      /* "620p" -> the user's own picture, owned */
    unsigned n_slow_reads; /* of files that were half-written */
    GHashTable *seen;      /* borrowed; app ids of all installations so far */
} GfSteam;

/* A file of text below a directory. Absent: NULL and true. What is half-written is tried again. */
bool gf_steam_read_text(GfSteam *steam,
                        int dir_fd,
                        const char *path,
                        GfVdf **out_vdf,
                        struct nvb_err *err);

/* The folders of games; a drive that is not there is told. */
void gf_steam_find_libraries(GfSteam *steam);

/* Which tool each game is started with; who played what. */
void gf_steam_read_users(GfSteam *steam);
void gf_steam_read_tools(GfSteam *steam);
void gf_steam_read_plays(GfSteam *steam);

/* Installed games of one library. */
void gf_steam_add_games(GfSteam *steam, const GfSteamLibrary *library);

/* Games of others that the user added to Steam. */
void gf_steam_add_shortcuts(GfSteam *steam);

/* Pictures: the user's own before Steam's. */
void gf_steam_read_art(GfSteam *steam);
void gf_steam_find_art(const GfSteam *steam, const char *app_id, GfEntry *entry);

/* The directory with drive_c in it of a game, in whichever library it is; or NULL. Caller frees. */
char *gf_steam_dup_prefix(const GfSteam *steam, const char *app_id);
