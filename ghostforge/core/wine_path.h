/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* wine_path.h - where the files of Windows programs are. */
#pragma once

#include <stdbool.h>

/* Is it "C:\..." or "C:/..."? */
bool gf_wine_path_is_windows(const char *path);

/* "C:\\a\\b" -> PREFIX/drive_c/a/b, "Z:\\a" -> /a; other drives through PREFIX/dosdevices. NULL when
 * it is no such path. Caller frees. */
char *gf_wine_path_dup_unix(const char *prefix, const char *path);

/* The same path in the letters that the file system has: Windows does not mind their case. As it is
 * when nothing like it is there. Caller frees. */
char *gf_wine_path_dup_case(const char *path);

/* The prefix that an executable lies in: above it, or in "prefix" or "pfx" beside those. NULL when
 * there is none. Caller frees. */
char *gf_wine_path_dup_prefix(const char *exe);
