/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* game.h - what single games need: tables of settings by Steam app id and executable.
 *
 *   format = 1
 *   version = "2026.11"
 *
 *   [game.duck-game]
 *   title = "Duck Game"
 *   steam = [312530]
 *   executables = ["DuckGame.exe"]
 *   profile = "gaming"              when no other is asked for; may be absent
 *   why = "one sentence"
 *   source = "https://..."          where that is known from
 *   settings.wine.esync = false     as in a profile
 *
 * The installed games.toml, then /etc/nvbind's, then the user's: all entries of a game are laid
 * over each other in that order, so a user's entry adds to ours and its words win. */
#pragma once

#include "base/text.h"
#include "base/toml.h"
#include "nvbind/profile.h"

struct nvb_game {
    char *id;                              /* owned; "duck-game" */
    char *title;                           /* owned; or NULL, as the next four */
    char *profile;                         /* owned */
    char *why;                             /* owned */
    char *source;                          /* owned */
    struct nvb_strv steam;                 /* app ids as text */
    struct nvb_strv executables;           /* file names, without folders */
    const struct nvb_toml *doc;            /* borrowed from the tables */
    const struct nvb_toml_value *settings; /* the same; or NULL */
    const char *path;                      /* the same; the file */
    unsigned line;
};

struct nvb_games {
    struct nvb_game *items; /* owned; in the order in which they are laid */
    size_t n;

    struct nvb_games_file {
        char *path; /* owned */
        struct nvb_toml *doc;
        char *version; /* owned; or NULL */
    } * files;         /* owned */

    size_t n_files;
};

/* Every table there is; a fault is told with its place. */
bool nvb_games_load(struct nvb_games **out_games, struct nvb_err *err);
void nvb_games_free(struct nvb_games *games);
NVB_DEFINE_AUTOPTR(nvb_games, nvb_games_free)

/* One more table, which is laid over those before it; `take_doc` is freed with them. */
bool nvb_games_add(struct nvb_games *games,
                   const char *path,
                   struct nvb_toml *take_doc,
                   struct nvb_err *err);

/* Is the entry about the game of that word: its id, "312530", "steam:312530", or "DuckGame.exe" with
 * or without a folder; or does it share an id with an entry that is? */
bool nvb_games_is_about(const struct nvb_games *games,
                        const struct nvb_game *game,
                        const char *word);

/* The profile that the last entry about it names, or NULL. Borrowed. */
const char *nvb_games_get_profile(const struct nvb_games *games, const char *word);

/* Lay what the game needs over the profile, and name it there. A word that could be no app id and
 * no executable must be in a table. */
bool nvb_games_apply(const struct nvb_games *games,
                     const char *word,
                     struct nvb_profile *profile,
                     struct nvb_err *err);

/* The user's own table, there or not. Caller frees. */
char *nvb_games_dup_own_path(void);
