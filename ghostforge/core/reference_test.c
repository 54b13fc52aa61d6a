/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "core/reference.h"

#include <glib.h>

#include "test.h"

TEST(knows_what_a_command_starts)
{
    static const struct {
        const char *command;
        const char *key;
    } rows[] = {
        {"steam steam://rungameid/620",                                                          "steam:620"                },
        { "steam -applaunch 400 -novid",                                                         "steam:400"                },
        { "xdg-open steam://rungameid/9512449041288396800",                                      "steam:shortcut-2214789633"},
        { "env LUTRIS_SKIP_INIT=1 lutris lutris:rungameid/12",                                   "lutris:12"                },
        { "lutris \"lutris:rungame/portal-2\"",                                                  "lutris:rungame/portal-2"  },
        { "lutris lutris:portal-2",                                                              "lutris:rungame/portal-2"  },
        { "xdg-open heroic://launch/legendary/Sugar",                                            "heroic:legendary:Sugar"   },
        { "flatpak run com.heroicgameslauncher.hgl --no-gui heroic://launch/1207",               "heroic:1207"              },
        { "xdg-open 'heroic://launch?appName=a%20b&runner=gog'",                                 "heroic:gog:a b"           },
        { "bottles-cli run -p 'My Game' -b Gaming -- %u",                                        "bottles:Gaming/My Game"   },
        { "flatpak run --command=bottles-cli com.usebottles.bottles run --bottle=A --program=B",
         "bottles:A/B"                                                                                                      },
        { "xdg-open bottles:run/Gaming/My%20Game",                                               "bottles:Gaming/My Game"   },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *key = gf_reference_dup_from_command(rows[i].command);

        EXPECT_STR(key, rows[i].key);
    }
}

TEST(takes_a_game_for_itself)
{
    static const char *const commands[] = { "",
                                            "/usr/games/supertuxkart",
                                            "steam",
                                            "steam steam://open/games",
                                            "steam steam://rungameid/",
                                            "steam steam://rungameid/99999999999999999999",
                                            "heroic://launch",
                                            "lutris lutris:",
                                            "bottles-cli run -b 'unfinished",
                                            "bottles-cli run -b only" };

    EXPECT(gf_reference_dup_from_command(NULL) == NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
        EXPECT(gf_reference_dup_from_command(commands[i]) == NULL);
}
