/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "duration.h"
#include "each.h"
#include "life/record.h"
#include "life/roster.h"
#include "log_follow.h"

struct options {
    bool is_followed;
    const char *since;
    const char *until;
    const char *tail;
    bool has_times;
    bool as_json;
};

#define AT(field) offsetof(struct options, field)

static const struct opt opts[] = {
    {OPT_FLAG,                                                 'f', "follow", NULL, "go on as it is written, until the container has ended",
     AT(is_followed), NULL },
    { OPT_STRING,                                                'n', "tail", "N", "only the last N lines", AT(tail), NULL },
    { OPT_STRING, 0, "since", "TIME", "only from then on: 10m, 2h, 3d, or a time as -t shows it",
     AT(since), NULL },
    { OPT_STRING,                                                    0, "until", "TIME", "only up to then", AT(until), NULL },
    { OPT_FLAG,                                              't', "timestamps", NULL, "the time before each line", AT(has_times), NULL },
    OPT_JSON(AT(as_json)),
    { .type = OPT_END                                                 },
};

/* What of the log is wanted. */
struct window {
    uint64_t since_us;
    uint64_t until_us;
    uint64_t n_lines;
};

static bool parse_time(const char *text, const char *option, uint64_t *out_us, struct nvb_err *err)
{
    uint64_t ns = 0;

    if (!text)
        return true;
    if (!moment_parse(text, &ns)) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "--%s '%s' is not a time", option, text);
        return nvb_hint(err, "write how long ago, like 10m, or a time like 2026-11-22T18:17:19Z");
    }
    *out_us = ns / 1000;
    return true;
}

static bool parse_window(const struct options *o, struct window *out, struct nvb_err *err)
{
    *out = (struct window){ .until_us = UINT64_MAX, .n_lines = UINT64_MAX };
    if (o->tail && strcmp(o->tail, "all") != 0 &&
        !nvb_parse_u64(o->tail, UINT64_MAX, &out->n_lines)) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "--tail '%s' is not a number of lines",
                 o->tail);
        return nvb_hint(err, "write a number, or all");
    }
    if (o->is_followed && o->until)
        return nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID,
                        "--follow and --until exclude each other");
    return parse_time(o->since, "since", &out->since_us, err) &&
           parse_time(o->until, "until", &out->until_us, err);
}

static bool fail_without_log(const char *word, struct nvb_err *err)
{
    nvb_fail(err, NVB_D_RUN, NVB_E_NOT_FOUND, "container '%s' has no log", word);
    return nvb_hint(err, "it runs in the foreground: what it writes goes where its command stands");
}

static bool open_log(const struct nvb_places *places,
                     const char *id,
                     const char *word,
                     int *out_record_fd,
                     struct nvb_log *out,
                     struct nvb_err *err)
{
    *out_record_fd =
        places->containers_fd < 0 ? -1 : nvb_record_open_dir(places->containers_fd, id);
    if (*out_record_fd < 0)
        return fail_without_log(word, err);
    return nvb_log_open(*out_record_fd, out, err) ||
           nvb_while(err, "container '%s' has no log", word);
}

static bool
show(const char *word, const struct options *o, const struct window *window, struct nvb_err *err)
{
    struct log_lines lines = { .has_times = o->has_times, .as_json = o->as_json };
    nvb_auto_places places = NVB_PLACES_INIT;
    nvb_autoclose int record_fd = -1;
    nvb_auto_log log = NVB_LOG_INIT;
    char id[NVB_ID_SIZE];

    if (!open_places(&places, err) || !nvb_roster_find(&places, word, id, err) ||
        !open_log(&places, id, word, &record_fd, &log, err))
        return false;
    nvb_log_begin_at(&log, window->since_us);
    nvb_log_end_at(&log, window->until_us);
    nvb_log_keep_last(&log, window->n_lines);
    nvb_log_show(&log, !o->is_followed, log_lines_print, &lines);
    (void)fflush(stdout);
    if (o->is_followed)
        log_follow(&places, id, record_fd, &log, &lines);
    return true;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    struct window window;
    nvb_auto_err err = { 0 };
    char **words = NULL;
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, &o, &words, &status))
        return status;
    if (!parse_window(&o, &window, &err))
        return cmd_complain_usage(cmd, &err, o.as_json);
    return show(words[0], &o, &window, &err) ? EXIT_SUCCESS : cmd_complain(&err, o.as_json);
}

const struct cmd cmd_logs = {
    .name = "nvbind logs",
    .operands = "CONTAINER",
    .summary = "show what a detached container wrote",
    .details =
        "Its standard output and error are shown on ours. Times are exact to 10 ms. Of each of the\n"
        "two the last 16 MiB are kept.",
    .opts = opts,
    .run = run,
};
