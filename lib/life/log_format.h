/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* log_format.h - what a detached container's log looks like on the disk. The C library alone.
 *
 *   log/stdout, log/stderr   what the container wrote; with a terminal all of it is in stdout
 *   log/index                when it wrote that, to 10 ms: records in the order of their times
 *
 * A record says how long a stream was at some time. The streams are the container's own files, in
 * append mode: no process stands between, so none can lose anything or hold the container up. What
 * stands behind the last record was written while nobody watched, or this very moment.
 *
 * Of each stream the last NVB_LOG_MAX bytes stay: what is older is punched out, in whole blocks, so
 * that offsets go on counting and the container notices nothing. Where a file system cannot do that
 * the file is emptied instead, and a record says so. */
#pragma once

#include <stdint.h>

#define NVB_LOG_INDEX  "index"
#define NVB_LOG_STDOUT "stdout"
#define NVB_LOG_STDERR "stderr"

enum {
    NVB_LOG_OUT = 0,
    NVB_LOG_ERR = 1,
    NVB_LOG_STREAMS = 2,
    NVB_LOG_TICK_MS = 10,
    NVB_LOG_MAX = 16 << 20,
    NVB_LOG_INDEX_MAX = 4 << 20, /* a quarter of a million records */
};

#define NVB_LOG_IS_ERR     (UINT64_C(1) << 63)
#define NVB_LOG_IS_EMPTIED (UINT64_C(1) << 62) /* it began anew */
#define NVB_LOG_END        ((UINT64_C(1) << 62) - 1)

/* In the machine's own byte order: it never leaves it. */
struct nvb_log_record {
    uint64_t time_us; /* since 1970; 0 in a hole, where older records were */
    uint64_t where;   /* the flags, and the stream's length */
};
