/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "say.h"

#include <stdarg.h>

void say(FILE *out, const char *fmt, ...)
{
    nvb_autofree char *line = NULL;
    va_list ap;

    va_start(ap, fmt);
    if (vasprintf(&line, fmt, ap) < 0)
        abort();
    va_end(ap);
    nvb_print_plain(line, out);
    (void)fputc('\n', out);
}
