/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "order.h"

#include <stdlib.h>
#include <string.h>

static uint64_t number_of(const char *text)
{
    return strtoull(text, NULL, 10);
}

static bool take_text(struct order *o, const char *name, const char *value)
{
    if (strcmp(name, "id") == 0) {
        o->id = value;
    } else if (strcmp(name, "name") == 0) {
        o->name = value;
    } else if (strcmp(name, "nvbind") == 0) {
        o->nvbind = value;
    } else if (strcmp(name, "cgroup") == 0 && o->n_cgroups < CGROUPS_MAX) {
        o->cgroups[o->n_cgroups++] = value;
    } else {
        return false;
    }
    return true;
}

static bool take_fd(struct order *o, const char *name, const char *value)
{
    const struct {
        const char *name;
        int *fd;
    } rows[] = {
        {"record",   &o->record_fd},
        { "run",     &o->run_fd   },
        { "lock",    &o->lock_fd  },
        { "process", &o->pid_fd   },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(rows[i].name, name) == 0) {
            *rows[i].fd = (int)number_of(value);
            return true;
        }
    }
    return false;
}

static bool take_number(struct order *o, const char *name, const char *value)
{
    uint64_t n = number_of(value);

    if (strcmp(name, "adopted") == 0) {
        o->is_adopted = n != 0;
    } else if (strcmp(name, "rm") == 0) {
        o->is_removed = n != 0;
    } else if (strcmp(name, "started") == 0) {
        o->started_ns = n;
    } else if (strcmp(name, "begun") == 0) {
        o->begun_ms = n;
    } else if (strcmp(name, "log-max") == 0) {
        o->log_max = n;
    } else if (strcmp(name, "restart") == 0 && n <= NVB_RESTART_UNLESS_STOPPED) {
        o->restart = (enum nvb_restart)n;
    } else if (strcmp(name, "restart-max") == 0) {
        o->restart_max = (unsigned)n;
    } else if (strcmp(name, "failures") == 0) {
        o->count.failures = (unsigned)n;
    } else if (strcmp(name, "delay") == 0) {
        o->count.delay_ms = (unsigned)n;
    } else {
        return false;
    }
    return true;
}

bool order_parse(int argc, char **argv, struct order *out)
{
    *out = (struct order){ .record_fd = -1, .run_fd = -1, .lock_fd = -1, .pid_fd = -1 };
    for (int i = 1; i < argc; i++) {
        char *value = strchr(argv[i], '=');

        if (!value)
            return false;
        *value++ = '\0';
        if (!take_text(out, argv[i], value) && !take_fd(out, argv[i], value) &&
            !take_number(out, argv[i], value))
            return false;
        value[-1] = '='; /* ps(1) shows it whole */
    }
    return out->id && out->nvbind && out->record_fd > 2 && out->run_fd > 2 && out->lock_fd > 2 &&
           out->pid_fd > 2;
}
