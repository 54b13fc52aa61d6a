/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <unistd.h>

#include "base/dirs.h"
#include "check.h"
#include "resolve/driver_ready.h"
#include "run/driver_store.h"

/* What was found in all stores; the first of each kind is told. */
struct tally {
    size_t n_whole;
    size_t n_changed;
    size_t n_left;
    char *changed; /* owned; "DIR/NAME" of the first */
    char *fault;   /* owned */
    char *left;    /* owned; "DIR/NAME" */
};

static void tally_clear(struct tally *tally)
{
    free(tally->changed);
    free(tally->fault);
    free(tally->left);
}

static void look_at_view(const char *dir, const char *name, struct tally *tally)
{
    nvb_auto_strv faults = { 0 };
    nvb_auto_err err = { 0 };

    if (!nvb_driver_store_check(dir, name, &faults, &err))
        nvb_strv_add(&faults, err.lines[0]);
    tally->n_whole += faults.n == 0;
    if (faults.n == 0 || tally->n_changed++ > 0)
        return;
    tally->changed = nvb_xasprintf("%s/%s", dir, name);
    tally->fault = nvb_xstrdup(faults.items[0]);
}

static void look_into(const char *dir, struct tally *tally)
{
    nvb_auto_strv names = { 0 };
    nvb_auto_strv left = { 0 };

    nvb_driver_store_list(dir, &names, &left);
    for (size_t i = 0; i < names.n; i++)
        look_at_view(dir, names.items[i], tally);
    if (left.n > 0 && !tally->left)
        tally->left = nvb_xasprintf("%s/%s", dir, left.items[0]);
    tally->n_left += left.n;
}

/* Its directories are read-only, to who owns them as well. */
static void fix_by_removing(struct finding *out, const char *path)
{
    bool is_roots = nvb_has_prefix(path, NVB_SYSTEM_VIEWS "/");

    if (is_roots) {
        finding_fix(out,
                    "sudo sh -c \"chmod -R u+w '%s' && rm -r '%s'\" && sudo nvbind cdi refresh",
                    path, path);
    } else {
        finding_fix(out, "chmod -R u+w '%s' && rm -r '%s'", path, path);
    }
}

static void tell(const struct tally *tally, struct finding *out)
{
    if (tally->n_changed > 0) {
        finding_say(out, VERDICT_FAIL,
                    "in %zu of %zu driver views files are not as they were put there: in '%s' %s",
                    tally->n_changed, tally->n_changed + tally->n_whole, tally->changed,
                    tally->fault);
        fix_by_removing(out, tally->changed);
    } else if (tally->n_left > 0) {
        finding_say(out, VERDICT_WARN,
                    "%zu unfinished driver view%s left by a start that was killed: '%s'",
                    tally->n_left, tally->n_left == 1 ? " was" : "s were", tally->left);
        fix_by_removing(out, tally->left);
    } else if (tally->n_whole > 0) {
        finding_say(out, VERDICT_OK, "%zu driver view%s, every file as it was put there",
                    tally->n_whole, tally->n_whole == 1 ? "" : "s");
    }
}

/* Containers get these files at every start, so each is read and compared: a gigabyte at most. */
void check_driver_view(const struct machine *machine, struct finding *out)
{
    nvb_autofree char *cache = nvb_dir_dup_cache();
    nvb_autofree char *own = nvb_xasprintf("%s/driver", cache);
    struct tally tally = { 0 };

    if (!machine->host->is_live)
        return;
    look_into(NVB_SYSTEM_VIEWS, &tally);
    if (strcmp(own, NVB_SYSTEM_VIEWS) != 0)
        look_into(own, &tally);
    tell(&tally, out);
    tally_clear(&tally);
}
