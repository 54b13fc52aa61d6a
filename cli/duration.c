/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "duration.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"

enum {
    NS_DIGITS = 9,
};

static const uint64_t second_ns = 1000000000;

char *duration_dup_text(double seconds)
{
    static const struct {
        double seconds;
        const char *name;
    } units[] = {
        {365.0 * 86400, "year"  },
        { 86400,        "day"   },
        { 3600,         "hour"  },
        { 60,           "minute"},
        { 1,            "second"},
    };

    size_t i = 0;
    unsigned long n = 0;

    if (seconds < 1)
        return nvb_xstrdup("less than a second");
    while (seconds < units[i].seconds)
        i++;
    n = (unsigned long)(seconds / units[i].seconds);
    return nvb_xasprintf("%lu %s%s", n, units[i].name, n == 1 ? "" : "s");
}

uint64_t moment_now_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * second_ns + (uint64_t)t.tv_nsec;
}

char *moment_dup_text(uint64_t ns)
{
    time_t seconds = (time_t)(ns / second_ns);
    struct tm tm;
    char text[64];

    if (ns == 0 || !gmtime_r(&seconds, &tm) || strftime(text, sizeof(text), "%FT%T", &tm) == 0)
        return NULL;
    return nvb_xasprintf("%s.%09" PRIu64 "Z", text, ns % second_ns);
}

/* ".529" -> 529000000; moves on. */
static uint64_t parse_fraction(const char **text)
{
    uint64_t ns = 0;
    int n = 0;

    if (**text != '.')
        return 0;
    for (++*text; **text >= '0' && **text <= '9'; ++*text, n++) {
        if (n < NS_DIGITS)
            ns = ns * 10 + (uint64_t)(**text - '0');
    }
    for (; n < NS_DIGITS; n++)
        ns *= 10;
    return ns;
}

/* "Z", "+02:00", or nothing: then it is this machine's time. */
static bool parse_zone(const char *text, struct tm *tm, time_t *out)
{
    unsigned hours = 0;
    unsigned minutes = 0;
    char end = 0;

    if (!*text) {
        tm->tm_isdst = -1;
        *out = mktime(tm);
        return true;
    }
    *out = timegm(tm);
    if (strcmp(text, "Z") == 0)
        return true;
    // NOLINTNEXTLINE(cert-err34-c): two digits cannot overflow
    if (sscanf(text + 1, "%2u:%2u%c", &hours, &minutes, &end) != 2 || !strchr("+-", *text))
        return false;
    *out -= (*text == '-' ? -1 : 1) * (time_t)(hours * 3600 + minutes * 60);
    return true;
}

static bool parse_date(const char *text, uint64_t *out_ns)
{
    static const char *const formats[] = { "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S",
                                           "%Y-%m-%dT%H:%M", "%Y-%m-%d" };

    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        struct tm tm = { 0 };
        const char *rest = strptime(text, formats[i], &tm);
        uint64_t ns = rest ? parse_fraction(&rest) : 0;
        time_t seconds = 0;

        if (!rest || !parse_zone(rest, &tm, &seconds) || seconds < 0)
            continue;
        *out_ns = (uint64_t)seconds * second_ns + ns;
        return true;
    }
    return false;
}

static bool parse_ago(const char *text, uint64_t *out_ns)
{
    static const char letters[] = "smhd";
    static const uint64_t seconds[] = { 1, 60, 3600, 86400 };
    size_t len = strlen(text);
    const char *unit = len > 1 ? strchr(letters, text[len - 1]) : NULL;
    nvb_autofree char *digits = NULL;
    uint64_t now = moment_now_ns();
    uint64_t n = 0;

    if (!unit)
        return false;
    digits = nvb_xstrndup(text, len - 1);
    if (!nvb_parse_u64(digits, 100000000, &n))
        return false;
    n *= seconds[unit - letters] * second_ns;
    *out_ns = n < now ? now - n : 0;
    return true;
}

bool moment_parse(const char *text, uint64_t *out_ns)
{
    nvb_autofree char *whole = nvb_xstrndup(text, strcspn(text, "."));
    const char *rest = text + strlen(whole);
    uint64_t seconds = 0;

    if (nvb_parse_u64(whole, UINT64_MAX / second_ns - 1, &seconds)) {
        *out_ns = seconds * second_ns + parse_fraction(&rest);
        return *rest == '\0';
    }
    return parse_ago(text, out_ns) || parse_date(text, out_ns);
}
