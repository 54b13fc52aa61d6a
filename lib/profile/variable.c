/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "profile/variable.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "profile/variable_rows.h"

static const struct nvb_variable_part *const parts[] = {
    &nvb_variables_driver,
    &nvb_variables_program,
    &nvb_variables_wine,
};

enum {
    N_PARTS = sizeof(parts) / sizeof(parts[0]),
};

static int by_name(const void *name, const void *row)
{
    return strcmp(name, ((const struct nvb_variable *)row)->name);
}

const struct nvb_variable *nvb_variable_find(const char *name)
{
    const struct nvb_variable *found = NULL;

    for (size_t i = 0; i < N_PARTS && !found; i++)
        found = bsearch(name, parts[i]->rows, parts[i]->n, sizeof(*parts[i]->rows), by_name);
    return found;
}

bool nvb_variable_refuses(const struct nvb_variable *variable, const char *value)
{
    return variable->is_harmful || (variable->bad_value && strcmp(variable->bad_value, value) == 0);
}

char *nvb_variable_dup_reader(const struct nvb_variable *v)
{
    if (v->since && v->until && strcmp(v->since, v->until) == 0)
        return nvb_xasprintf("%s %s", v->reader, v->since);
    if (v->since && v->until)
        return nvb_xasprintf("%s %s to %s", v->reader, v->since, v->until);
    if (v->since)
        return nvb_xasprintf("%s %s and later", v->reader, v->since);
    if (v->until)
        return nvb_xasprintf("%s %s and older", v->reader, v->until);
    return nvb_xasprintf("%s, any version", v->reader);
}

const struct nvb_variable *nvb_variable_get(size_t index)
{
    for (size_t i = 0; i < N_PARTS; i++) {
        if (index < parts[i]->n)
            return &parts[i]->rows[index];
        index -= parts[i]->n;
    }
    return NULL;
}
