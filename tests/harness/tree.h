/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* tree.h - a directory of made-up files for one test; the harness removes it when the test has
 * ended, however it ended. */
#pragma once

/* A new empty directory; the path lives as long as the process. */
const char *tree_new(void);

/* An open, empty file that has no name; yours to close. */
int tree_open_nameless(void);

/* For the harness: where the next test's trees will be, and their end. */
void tree_begin(void);
void tree_end(void);

/* PATH below the tree, parents made. */
void tree_put(const char *tree, const char *path, const char *text);
void tree_link(const char *tree, const char *path, const char *target);
void tree_fifo(const char *tree, const char *path);
void tree_mkdir(const char *tree, const char *path);
void tree_node(const char *tree, const char *path, unsigned major, unsigned minor); /* root only */
void tree_socket(const char *tree, const char *path);

/* The tree becomes the test's whole machine, with the real /proc in it; skips where that cannot be. */
void tree_enter(const char *tree);
