/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* dirs.h - where our files are: what was installed, what was configured, what we keep.
 *
 *            variable        root               everyone else
 *   data     NVBIND_DATA     of the program's place: <bindir>/../share/nvbind, or <builddir>/data
 *   lib      NVBIND_LIBDIR   the same:               <bindir>/../lib/nvbind, or <builddir>/layer
 *   libexec  NVBIND_LIBEXECDIR  the same:           <bindir>/../libexec/nvbind, or <builddir>/fetch
 *                                                   and <builddir>/supervisor
 *   config                   $XDG_CONFIG_HOME/nvbind, by default ~/.config/nvbind
 *   cache                    /var/cache/nvbind  $XDG_CACHE_HOME/nvbind, ~/.cache/nvbind
 *   store    NVBIND_STORE    /var/lib/nvbind    $XDG_DATA_HOME/nvbind, ~/.local/share/nvbind
 *   run      NVBIND_RUN      /run/nvbind        $XDG_RUNTIME_DIR/nvbind
 *
 * XDG variables that are not absolute are ignored, as their specification wants. Each call
 * looks anew (a few microseconds), keeps nothing, and makes no directory. Results are absolute
 * and yours. */
#pragma once

char *nvb_dir_dup_data(void);
char *nvb_dir_dup_lib(void);
char *nvb_dir_dup_libexec(void);
char *nvb_dir_dup_supervisor(void);
char *nvb_dir_dup_config(void);
char *nvb_dir_dup_cache(void);
char *nvb_dir_dup_store(void);
char *nvb_dir_dup_run(void);
