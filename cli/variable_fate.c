/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "variable_fate.h"

const char *variable_fate(const struct nvb_profile_env *env,
                          const struct nvb_variable **out_variable)
{
    *out_variable = nvb_variable_find(env->name);
    if (!*out_variable)
        return "unknown";
    return nvb_variable_refuses(*out_variable, env->value) ? "refused" : "emitted";
}
