/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "base/signal_name.h"

#include <signal.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

enum {
    SIGNALS_MAX = 65,
};

/* The first real-time signals are the C library's own; people count from the first that is not. */
static bool parse_real_time(const char *name, unsigned *out_number)
{
    uint64_t distance = 0;
    bool is_up = strncasecmp(name, "RTMIN", 5) == 0;

    if (!is_up && strncasecmp(name, "RTMAX", 5) != 0)
        return false;
    name += 5;
    if (*name && (*name != (is_up ? '+' : '-') ||
                  !nvb_parse_u64(name + 1, (uint64_t)(SIGRTMAX - SIGRTMIN), &distance)))
        return false;
    *out_number = (unsigned)(is_up ? SIGRTMIN + (int)distance : SIGRTMAX - (int)distance);
    return true;
}

static bool parse_name(const char *name, unsigned *out_number)
{
    for (int i = 1; i < SIGRTMIN; i++) {
        const char *known = sigabbrev_np(i);

        if (known && strcasecmp(known, name) == 0) {
            *out_number = (unsigned)i;
            return true;
        }
    }
    return parse_real_time(name, out_number);
}

bool nvb_signal_parse(const char *text, unsigned *out_number, struct nvb_err *err)
{
    const char *known[SIGNALS_MAX] = { 0 };
    const char *name = strncasecmp(text, "SIG", 3) == 0 ? text + 3 : text;
    const char *near = NULL;
    uint64_t number = 0;
    size_t n = 0;

    if (nvb_parse_u64(text, (uint64_t)SIGRTMAX, &number) && number > 0) {
        *out_number = (unsigned)number;
        return true;
    }
    if (parse_name(name, out_number))
        return true;
    for (int i = 1; i < SIGRTMIN; i++) {
        if (sigabbrev_np(i))
            known[n++] = sigabbrev_np(i);
    }
    near = nvb_nearest(name, known);
    nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "'%s' is not a signal", text);
    return near ? nvb_hint(err, "did you mean '%s'?", near)
                : nvb_hint(err, "write it as TERM, SIGTERM or 15");
}

char *nvb_signal_dup_name(unsigned number)
{
    const char *known = number < (unsigned)SIGRTMIN ? sigabbrev_np((int)number) : NULL;

    return known ? nvb_xstrdup(known) : nvb_xasprintf("%u", number);
}
