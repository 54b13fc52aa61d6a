/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* reference.h - what a command line that only calls another launcher starts.
 *
 * Steam's own desktop files say `steam steam://rungameid/620`, Heroic adds its games to Steam as
 * `flatpak run com.heroicgameslauncher.hgl heroic://launch/...`: neither is a game of its own. */
#pragma once

/* "steam:620", "lutris:12", "lutris:rungame/portal-2", "heroic:Sugar", "heroic:gog:1207",
 * "bottles:Bottle/Program", or NULL. Caller frees. */
char *gf_reference_dup_from_command(const char *command);
