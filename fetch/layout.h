/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* layout.h - the files of an image that somebody saved: a directory, or one tar file.
 *
 * Names are those in it ("blobs/sha256/..", "manifest.json"); in a directory they are resolved
 * inside of it. Sources may be read at the same time by several threads. */
#pragma once

#include "source.h"

struct layout;

/* Both take the descriptor over. `name` is what errors call it, borrowed. */
struct layout *layout_new_directory(int take_fd, const char *name);
bool layout_open_archive(int take_fd, const char *name, struct layout **out, struct nvb_err *err);
void layout_free(struct layout *layout);
NVB_DEFINE_AUTOPTR(layout, layout_free)

bool layout_has(const struct layout *layout, const char *file);

/* A small file. */
bool layout_read(const struct layout *layout,
                 const char *file,
                 size_t max,
                 char **out_text,
                 size_t *out_len,
                 struct nvb_err *err);

/* A file as a source of bytes, with its length. */
struct layout_file;
bool layout_open_file(const struct layout *layout,
                      const char *file,
                      struct layout_file **out,
                      struct nvb_err *err);
struct source layout_file_source(struct layout_file *file);
uint64_t layout_file_size(const struct layout_file *file);
void layout_file_free(struct layout_file *file);
NVB_DEFINE_AUTOPTR(layout_file, layout_file_free)
