/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* report.h - what nvbind-fetch tells the program that started it: JSON, one event a line, on stdout.
 *
 *   {"event":"image","name":"ubuntu:latest","layers":[{"digest":"sha256:..","size":123,"have":true}]}
 *   {"event":"progress","layer":0,"in":4096,"out":20480}
 *   {"event":"waiting","layer":0}              somebody else makes it
 *   {"event":"layer","layer":0}                it is there
 *   {"event":"note","text":"..."}              to be shown to the user
 *   {"event":"done", ...}                      the last line of a success; members are the word's
 *   {"event":"error","domain":..,"kind":..,"lines":[..],"hint":..}   the last line of a failure
 *
 * The reader is image/fetcher.h. Lines are written whole, from any thread. */
#pragma once

#include "base/json.h"
#include "image/image.h"

struct report; /* of this process: on stdout */

struct report *report_new(int fd); /* borrowed */
void report_free(struct report *report);
NVB_DEFINE_AUTOPTR(report, report_free)

void report_send(struct report *report, struct nvb_json *take_event);
/* At most ten a second and layer are sent. */
void report_progress(struct report *report, size_t layer, uint64_t n_in, uint64_t n_out);
void report_layer(struct report *report, const char *event, size_t layer);
void report_note(struct report *report, const char *text);
/* Words that may be any bytes, as JSON takes them: what is no UTF-8 as \xNN. */
char *report_dup_text(const char *text);
/* The last line: one of these. `take_members` may be NULL. */
void report_done(struct report *report, struct nvb_json *take_members);
void report_error(struct report *report, const struct nvb_err *err);
