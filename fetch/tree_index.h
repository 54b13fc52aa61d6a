/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* tree_index.h - what the files of a layer were when they were unpacked, so that it can be proved later
 * that they still are: a file "index" beside the layer's "diff".
 *
 * One record for each, ended by a NUL: "TYPE MODE UID GID SIZE SUM PATH". Types: f file, d directory,
 * i directory that the archive does not describe (its attributes come later), l link, p fifo,
 * w whiteout. SUM is a CRC-32, of a link that of its target; "-" where there is none (files with
 * holes). It finds what disks and crashes do; who may write here could write it anew. */
#pragma once

#include <sys/stat.h>

#include "base/text.h"

/* CRC-32 of files as they were written, by their numbers in the file system. */
struct tree_sum {
    ino_t number;
    size_t order; /* the last one of a number counts: numbers are given again */
    uint32_t sum;
    bool has_sum;
};

struct tree_sums {
    struct tree_sum *items; /* owned */
    size_t n;
    size_t n_allocated;
};

void tree_sums_add(struct tree_sums *sums, ino_t number, bool has_sum, uint32_t sum);
void tree_sums_clear(struct tree_sums *sums);

/* Walk a tree that was just unpacked and write its index into `dir_fd`. */
bool tree_index_write(int dir_fd,
                      int diff_fd,
                      struct tree_sums *sums,
                      const struct nvb_strv *implied,
                      struct nvb_err *err);

/* Hold the tree against it: a line for each file that is missing, changed or too much, at most
 * `max_faults` of them. False when there is no index or it cannot be read. */
bool tree_index_verify(int dir_fd,
                       int diff_fd,
                       size_t max_faults,
                       struct nvb_strv *out_faults,
                       struct nvb_err *err);
