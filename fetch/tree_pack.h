/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* tree_pack.h - a directory tree as a tar archive: what tree_writer.h does, the other way round.
 *
 * Names are sorted and no more is written than an image needs, so the same tree always gives the
 * same bytes. Sockets and device nodes are left out, and what is mounted below. */
#pragma once

#include "tar_write.h"

struct tree_pack_options {
    /* Numbers of the image for those of the disk; NULL = as they are. */
    void (*own)(void *data, uid_t uid, gid_t gid, uint32_t *out_uid, uint32_t *out_gid);
    void *own_data;   /* borrowed */
    bool is_layer;    /* overlayfs's whiteouts and opaque directories become those of layers */
    const char *name; /* borrowed; what errors call the tree */
};

bool tree_pack(int dir_fd,
               const struct tree_pack_options *options,
               const struct tar_out *out,
               struct nvb_err *err);

/* One file, link or fifo of a tree; for whoever walks by himself. `path` is its name in the
 * archive. */
struct tree_packer;
struct tree_packer *tree_packer_new(const struct tree_pack_options *options,
                                    const struct tar_out *out);
bool tree_pack_one(struct tree_packer *packer,
                   int parent_fd,
                   const char *name,
                   const char *path,
                   const struct stat *st,
                   struct nvb_err *err);
/* A directory's own entry, without what is in it; "" is the root. */
bool tree_pack_directory(struct tree_packer *packer, int fd, const char *path, struct nvb_err *err);
void tree_packer_free(struct tree_packer *packer);
NVB_DEFINE_AUTOPTR(tree_packer, tree_packer_free)
