/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* json_sink.h - JSON told once, and taken either as text or as a tree.
 *
 * To print what is long, such as a specification, a tree is four fifths of the work. The text is on
 * one line, byte for byte what nvb_json_dup_text() prints of the tree. */
#pragma once

#include "base/json.h"

enum {
    NVB_SINK_DEPTH = 16,
};

struct nvb_sink {
    struct nvb_buf *text; /* borrowed; NULL: a tree is made */
    bool has_before;      /* a comma belongs before what comes next */
    char ends[NVB_SINK_DEPTH];
    struct nvb_json *open[NVB_SINK_DEPTH]; /* of a tree: what is not closed yet, borrowed but [0] */
    unsigned depth;
};

/* `key` is NULL in an array and for the outermost; `kind` is '{' or '['. */
void nvb_sink_open(struct nvb_sink *sink, const char *key, char kind);
/* The outermost one closed gives the tree, the caller's; else, and for text, NULL. */
struct nvb_json *nvb_sink_close(struct nvb_sink *sink);

void nvb_sink_str(struct nvb_sink *sink, const char *key, const char *text); /* NULL: null */
void nvb_sink_u64(struct nvb_sink *sink, const char *key, uint64_t number);
void nvb_sink_bool(struct nvb_sink *sink, const char *key, bool value);
void nvb_sink_json(struct nvb_sink *sink, const char *key, struct nvb_json *json); /* a reference */
