/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "nvbind/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

NVB_PRINTF(1, 0) static char *format(const char *fmt, va_list ap)
{
    char *text = NULL;

    if (vasprintf(&text, fmt, ap) < 0)
        abort();
    return text;
}

static enum nvb_kind kind_of_errno(int e)
{
    switch (e) {
    case ENOENT:
    case ENODEV:
        return NVB_E_NOT_FOUND;
    case EACCES:
    case EPERM:
        return NVB_E_DENIED;
    case EEXIST:
    case EBUSY:
        return NVB_E_CONFLICT;
    case ENOSYS:
    case EOPNOTSUPP:
        return NVB_E_UNSUPPORTED;
    default:
        return NVB_E_IO;
    }
}

/* Past the depth limit the innermost lines stay: they hold the cause. */
static void push_line(struct nvb_err *err, char *take_text)
{
    if (err->n_lines < NVB_ERR_DEPTH) {
        err->lines[err->n_lines++] = take_text;
    } else {
        free(take_text);
    }
}

bool nvb_fail(struct nvb_err *err, enum nvb_domain domain, enum nvb_kind kind, const char *fmt, ...)
{
    char *line = NULL;
    va_list ap;

    va_start(ap, fmt);
    line = format(fmt, ap); /* first: an argument may be part of the old error */
    va_end(ap);
    nvb_err_clear(err);
    err->domain = domain;
    err->kind = kind;
    push_line(err, line);
    return false;
}

bool nvb_fail_errno(struct nvb_err *err, enum nvb_domain domain, const char *fmt, ...)
{
    int saved = errno;
    char *what = NULL;
    va_list ap;

    va_start(ap, fmt);
    what = format(fmt, ap);
    va_end(ap);
    nvb_fail(err, domain, kind_of_errno(saved), "%s: %s", what, strerror(saved));
    err->sys_errno = saved;
    free(what);
    return false;
}

bool nvb_while(struct nvb_err *err, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    push_line(err, format(fmt, ap));
    va_end(ap);
    return false;
}

bool nvb_hint(struct nvb_err *err, const char *fmt, ...)
{
    va_list ap;

    if (err->hint)
        return false;
    va_start(ap, fmt);
    err->hint = format(fmt, ap);
    va_end(ap);
    return false;
}

void nvb_err_print(const struct nvb_err *err, const char *program, FILE *out)
{
    for (unsigned i = err->n_lines; i-- > 0;) {
        if (i + 1 == err->n_lines) {
            (void)fprintf(out, "%s: ", program);
        } else {
            (void)fputs("  because: ", out);
        }
        nvb_print_plain(err->lines[i], out);
        (void)fputc('\n', out);
    }
    if (err->hint) {
        (void)fputs("  try: ", out);
        nvb_print_plain(err->hint, out);
        (void)fputc('\n', out);
    }
}

void nvb_err_clear(struct nvb_err *err)
{
    for (unsigned i = 0; i < err->n_lines; i++)
        free(err->lines[i]);
    free(err->hint);
    *err = (struct nvb_err){ 0 };
}

const char *nvb_domain_name(enum nvb_domain domain)
{
    static const char *const names[] = {
        [NVB_D_BASE] = "base",       [NVB_D_CDI] = "cdi",         [NVB_D_HOST] = "host",
        [NVB_D_PROFILE] = "profile", [NVB_D_REQUEST] = "request", [NVB_D_RESOLVE] = "resolve",
        [NVB_D_OCI] = "oci",         [NVB_D_IMAGE] = "image",     [NVB_D_RUN] = "run",
        [NVB_D_STATS] = "stats",     [NVB_D_GAMES] = "games",
    };

    return domain >= NVB_D_BASE && domain <= NVB_D_GAMES ? names[domain] : "unknown";
}

const char *nvb_kind_name(enum nvb_kind kind)
{
    static const char *const names[] = {
        [NVB_E_INVALID] = "invalid",
        [NVB_E_NOT_FOUND] = "not-found",
        [NVB_E_DENIED] = "denied",
        [NVB_E_UNSUPPORTED] = "unsupported",
        [NVB_E_CONFLICT] = "conflict",
        [NVB_E_IO] = "io",
        [NVB_E_NOT_EXECUTABLE] = "not-executable",
        [NVB_E_NO_COMMAND] = "no-command",
    };

    return kind >= NVB_E_INVALID && kind <= NVB_E_NO_COMMAND ? names[kind] : "unknown";
}
