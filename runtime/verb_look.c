/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "ability.h"
#include "delegate.h"
#include "group.h"
#include "verb.h"

static int run_state(const struct options *o, char **words, struct nvb_err *err)
{
    nvb_autoptr(record) record = NULL;
    nvb_autoptr(nvb_json) state = NULL;

    if (!delegate_open(o->delegate, o->all_words, o->root_path, words[0], &record, err))
        return -1;
    state = record_to_state(record, record_status(record));
    nvb_json_print(state, stdout);
    return 0;
}

const struct verb verb_state = {
    .cmd = {.name = "nvbind-runtime state",
            .operands = "ID",
            .summary = "tell the state of a container, as JSON",
            .opts = opt_none},
    .run = run_state,
};

static int run_features(const struct options *o, char **words, struct nvb_err *err)
{
    nvb_autoptr(nvb_json) json = ability_to_json();

    (void)o;
    (void)words;
    (void)err;
    nvb_json_print(json, stdout);
    return 0;
}

const struct verb verb_features = {
    .cmd = {.name = "nvbind-runtime features",
            .summary = "tell what this runtime can do, as JSON",
            .opts = opt_none},
    .run = run_features,
};

static void print_row(const struct record *record)
{
    enum record_status status = record_status(record);

    (void)printf("%-24s %-8d %-9s %s\n", record->id,
                 status == RECORD_STOPPED ? 0 : (int)record->pid, record_status_name(status),
                 record->bundle ? record->bundle : "");
}

static int run_list(const struct options *o, char **words, struct nvb_err *err)
{
    bool as_json = o->format && strcmp(o->format, "json") == 0;
    nvb_autoptr(nvb_json) all = nvb_json_new_array();
    nvb_auto_strv ids = { 0 };

    (void)words;
    if (!record_list(o->root_path, &ids, err))
        return -1;
    if (!as_json && !o->is_quiet)
        (void)printf("%-24s %-8s %-9s %s\n", "ID", "PID", "STATUS", "BUNDLE");
    for (size_t i = 0; i < ids.n; i++) {
        nvb_autoptr(record) record = NULL;
        nvb_auto_err ignored = { 0 };

        if (!record_open(o->root_path, ids.items[i], &record, &ignored))
            continue;
        if (as_json)
            nvb_json_append(all, record_to_state(record, record_status(record)));
        else if (o->is_quiet)
            (void)puts(record->id);
        else
            print_row(record);
    }
    if (as_json)
        nvb_json_print(all, stdout);
    return 0;
}

static const char *const formats[] = { "table", "json", NULL };

static const struct opt list_opts[] = {
    {OPT_STRING,       'f', "format", "FORMAT", "table or json", offsetof(struct options, format),
     formats },
    { OPT_FLAG,        'q', "quiet", NULL, "the ids alone", offsetof(struct options, is_quiet), NULL },
    { .type = OPT_END},
};

const struct verb verb_list = {
    .cmd = {.name = "nvbind-runtime list", .summary = "list the containers", .opts = list_opts},
    .run = run_list,
};

static int run_ps(const struct options *o, char **words, struct nvb_err *err)
{
    nvb_autoptr(record) record = NULL;
    nvb_autoptr(nvb_json) all = nvb_json_new_array();
    nvb_autofree pid_t *pids = NULL;
    size_t n = 0;

    if (!delegate_open(o->delegate, o->all_words, o->root_path, words[0], &record, err))
        return -1;
    (void)group_list_pids(&record->cgroups, &pids, &n);
    for (size_t i = 0; i < n; i++)
        nvb_json_append(all, nvb_json_new_u64((uint64_t)pids[i]));
    if (o->format && strcmp(o->format, "json") == 0) {
        nvb_json_print(all, stdout);
        return 0;
    }
    (void)puts("PID");
    for (size_t i = 0; i < n; i++)
        (void)printf("%d\n", (int)pids[i]);
    return 0;
}

const struct verb verb_ps = {
    .cmd = {.name = "nvbind-runtime ps",
            .operands = "ID [ARGUMENT]...",
            .summary = "list the processes of a container",
            .opts = list_opts},
    .run = run_ps,
};
