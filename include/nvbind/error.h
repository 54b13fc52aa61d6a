/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* error.h - what went wrong, where, and what the user can try.
 *
 * The caller owns a `struct nvb_err` and passes its address last. A function
 * that can fail returns bool; on false the error is set, on true it is
 * untouched. Each level may add one "while doing ..." line on the way up and
 * only the program prints. Running out of memory aborts and is never reported. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NVB_API               __attribute__((visibility("default")))
#define NVB_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* Which room of the house failed. */
enum nvb_domain {
    NVB_D_BASE = 1, /* files and formats */
    NVB_D_CDI,      /* CDI specifications and container edits */
    NVB_D_HOST,     /* driver, device nodes, libraries, kernel */
    NVB_D_PROFILE,  /* gaming and AI profiles */
    NVB_D_REQUEST,  /* what the user asked for */
    NVB_D_RESOLVE,  /* request against host */
    NVB_D_OCI,      /* config.json */
    NVB_D_IMAGE,    /* images and their layers */
    NVB_D_RUN,      /* starting and supervising */
    NVB_D_STATS,    /* live figures */
    NVB_D_GAMES,    /* GhostForge's library of games */
};

/* What kind of failure; decides the exit status and what callers match on. */
enum nvb_kind {
    NVB_E_INVALID = 1, /* the caller's words: exit status 2 when they came from argv */
    NVB_E_NOT_FOUND,
    NVB_E_DENIED,
    NVB_E_UNSUPPORTED,
    NVB_E_CONFLICT,
    NVB_E_IO,
    NVB_E_NOT_EXECUTABLE, /* the container's command exists but cannot be run: exit status 126 */
    NVB_E_NO_COMMAND,     /* the container's command is absent: exit status 127 */
};

#define NVB_ERR_DEPTH 8

struct nvb_err {
    enum nvb_domain domain;
    enum nvb_kind kind;
    int sys_errno;              /* errno that started it, or 0 */
    unsigned n_lines;           /* lines[0] is the cause, the last is the outermost */
    char *lines[NVB_ERR_DEPTH]; /* owned */
    char *hint;                 /* owned; one sentence, imperative; may be NULL */
};

/* All three return false, so that a failing path is one line. */
NVB_API bool
nvb_fail(struct nvb_err *err, enum nvb_domain domain, enum nvb_kind kind, const char *fmt, ...)
    NVB_PRINTF(4, 5);
NVB_API bool nvb_fail_errno(struct nvb_err *err, enum nvb_domain domain, const char *fmt, ...)
    NVB_PRINTF(3, 4);
NVB_API bool nvb_while(struct nvb_err *err, const char *fmt, ...) NVB_PRINTF(2, 3);

/* Attach advice to an error that is already set; the innermost advice wins. */
NVB_API bool nvb_hint(struct nvb_err *err, const char *fmt, ...) NVB_PRINTF(2, 3);

/* "PROGRAM: outermost", then a "because:" line for each cause and a "try:" line. */
NVB_API void nvb_err_print(const struct nvb_err *err, const char *program, FILE *out);
NVB_API void nvb_err_clear(struct nvb_err *err);

/* Words of the two enums as the JSON form of an error uses them; never NULL. */
NVB_API const char *nvb_domain_name(enum nvb_domain domain);
NVB_API const char *nvb_kind_name(enum nvb_kind kind);

#define nvb_auto_err __attribute__((cleanup(nvb_err_clear))) struct nvb_err

#ifdef __cplusplus
}
#endif
