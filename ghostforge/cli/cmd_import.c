/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "cmd.h"
#include "core/import.h"
#include "library_open.h"
#include "say.h"

enum {
    PROBLEMS_SHOWN = 10, /* of each source */
};

struct options {
    struct nvb_strv sources;
    bool as_json;
};

static const struct opt opts[] = {
    {OPT_LIST,  's', "source", "SOURCE", "only this one; may repeat",
     offsetof(struct options, sources), gf_source_names },
    OPT_JSON(offsetof(struct options, as_json)),
    { .type = OPT_END},
};

static struct nvb_json *source_to_json(const GfImported *told)
{
    struct nvb_json *json = nvb_json_new_object();

    nvb_json_set_str(json, "source", told->source);
    nvb_json_set_bool(json, "present", told->is_present);
    nvb_json_set_bool(json, "complete", told->is_complete);
    nvb_json_set_u64(json, "found", told->n_found);
    nvb_json_set_u64(json, "new", told->n_new);
    nvb_json_set_u64(json, "changed", told->n_changed);
    nvb_json_set_u64(json, "gone", told->n_gone);
    nvb_json_set_u64(json, "absent", told->n_absent);
    nvb_json_set(json, "problems", nvb_json_new_strv(&told->problems));
    return json;
}

static void print_as_json(const GfImportReport *report)
{
    nvb_autoptr(nvb_json) json = nvb_json_new_object();
    struct nvb_json *sources = nvb_json_new_array();

    for (size_t i = 0; i < report->n; i++)
        nvb_json_append(sources, source_to_json(&report->items[i]));
    nvb_json_set(json, "sources", sources);
    nvb_json_set_u64(json, "games", report->n_games);
    nvb_json_set_bool(json, "written", report->is_written);
    nvb_json_print(json, stdout);
}

static void add_count(struct nvb_buf *line, unsigned n, const char *what)
{
    if (n > 0)
        nvb_buf_addf(line, ", %u %s", n, what);
}

static void print_source(const GfImported *told)
{
    nvb_auto_buf line = { 0 };

    nvb_buf_addf(&line, "%-8s  %u %s", gf_source_find(told->source)->title, told->n_found,
                 told->n_found == 1 ? "game" : "games");
    add_count(&line, told->n_new, "new");
    add_count(&line, told->n_changed, "changed");
    add_count(&line, told->n_gone, "gone");
    add_count(&line, told->n_absent, "out of reach");
    printf("%s\n", line.data);
}

static void print_problems(const GfImported *told)
{
    const char *title = gf_source_find(told->source)->title;
    size_t n_shown = MIN(told->problems.n, (size_t)PROBLEMS_SHOWN);

    for (size_t i = 0; i < n_shown; i++)
        say(stderr, "ghostforge: %s: %s", title, told->problems.items[i]);
    if (told->problems.n > n_shown) {
        say(stderr, "ghostforge: %s: and %zu more, which --json tells", title,
            told->problems.n - n_shown);
    }
}

static void print(const GfImportReport *report)
{
    bool is_any = false;

    for (size_t i = 0; i < report->n; i++) {
        const GfImported *told = &report->items[i];

        if (told->is_present || told->n_found + told->n_gone + told->n_absent > 0)
            print_source(told);
        print_problems(told);
        is_any = is_any || told->is_present;
    }
    if (!is_any)
        (void)fprintf(stderr, "ghostforge: no library of another program was found\n");
    printf("%zu %s in the library\n", report->n_games, report->n_games == 1 ? "game" : "games");
}

static int import(const struct options *o)
{
    g_auto(GfPlaces) places = { 0 };
    g_autoptr(GfStore) store = NULL;
    g_auto(GfImportReport) report = { 0 };
    nvb_auto_err err = { 0 };

    if (!library_open(GF_STORE_WRITE, &places, &store, &err) ||
        !gf_import(store, &places, &o->sources, &report, &err))
        return cmd_complain(&err, o->as_json);
    if (o->as_json) {
        print_as_json(&report);
    } else {
        print(&report);
    }
    return EXIT_SUCCESS;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    int status = 0;

    if (cmd_parse(cmd, argc, argv, &o, NULL, &status))
        status = import(&o);
    nvb_strv_clear(&o.sources);
    return status;
}

const struct cmd cmd_import = {
    .name = "ghostforge import",
    .summary = "bring the library up to date with other programs' games",
    .details =
        "Their files are only read, while they are running as well. What is not listed any more is\n"
        "kept and marked; what cannot be reached, as on a drive that is not there, is told and kept.\n"
        "A game that several of them know is one game here.",
    .opts = opts,
    .run = run,
};
