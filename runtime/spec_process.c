/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "capability.h"
#include "spec.h"

static bool read_rlimit(struct field_of of, struct spec_rlimit *out, struct nvb_err *err)
{
    static const struct {
        const char *name;
        int resource;
    } known[] = {
        {"RLIMIT_AS",          RLIMIT_AS        },
        { "RLIMIT_CORE",       RLIMIT_CORE      },
        { "RLIMIT_CPU",        RLIMIT_CPU       },
        { "RLIMIT_DATA",       RLIMIT_DATA      },
        { "RLIMIT_FSIZE",      RLIMIT_FSIZE     },
        { "RLIMIT_LOCKS",      RLIMIT_LOCKS     },
        { "RLIMIT_MEMLOCK",    RLIMIT_MEMLOCK   },
        { "RLIMIT_MSGQUEUE",   RLIMIT_MSGQUEUE  },
        { "RLIMIT_NICE",       RLIMIT_NICE      },
        { "RLIMIT_NOFILE",     RLIMIT_NOFILE    },
        { "RLIMIT_NPROC",      RLIMIT_NPROC     },
        { "RLIMIT_RSS",        RLIMIT_RSS       },
        { "RLIMIT_RTPRIO",     RLIMIT_RTPRIO    },
        { "RLIMIT_RTTIME",     RLIMIT_RTTIME    },
        { "RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
        { "RLIMIT_STACK",      RLIMIT_STACK     },
    };

    const char *type = "";
    uint64_t soft = 0;
    uint64_t hard = 0;

    if (!field_str(of, "type", &type, err) || !field_u64(of, "soft", &soft, err) ||
        !field_u64(of, "hard", &hard, err))
        return false;
    if (soft > hard)
        return field_fail(of, "soft", "is more than the hard limit", err);
    out->limit = (struct rlimit){ .rlim_cur = soft, .rlim_max = hard };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(type, known[i].name) == 0) {
            out->resource = known[i].resource;
            return true;
        }
    }
    return nvb_fail(err, NVB_D_OCI, NVB_E_INVALID, "there is no resource limit '%s'", type);
}

static bool read_rlimits(struct field_of of, struct spec_process *out, struct nvb_err *err)
{
    const struct nvb_json *array = NULL;

    if (!field_array(of, "rlimits", &array, err))
        return false;
    out->rlimits = nvb_xcalloc(nvb_json_length(array), sizeof(*out->rlimits));
    for (size_t i = 0; i < nvb_json_length(array); i++) {
        struct field_of item = { .object = nvb_json_at(array, i), .name = "process.rlimits" };

        if (!read_rlimit(item, &out->rlimits[i], err))
            return false;
        for (size_t k = 0; k < i; k++) {
            if (out->rlimits[k].resource == out->rlimits[i].resource)
                return field_fail(of, "rlimits", "has a type twice", err);
        }
        out->n_rlimits++;
    }
    return true;
}

static bool read_cap_set(struct field_of of, const char *key, uint64_t *out, struct nvb_err *err)
{
    nvb_auto_strv names = { 0 };

    if (!field_strv(of, key, &names, err))
        return false;
    for (size_t i = 0; i < names.n; i++) {
        unsigned number = 0;

        if (!capability_find(names.items[i], &number))
            return nvb_fail(err, NVB_D_OCI, NVB_E_INVALID, "there is no capability '%s'",
                            names.items[i]);
        *out |= UINT64_C(1) << number;
    }
    return true;
}

static bool read_capabilities(struct field_of of, struct spec_process *out, struct nvb_err *err)
{
    static const char *const keys[SPEC_CAP_SETS] = { "bounding", "effective", "inheritable",
                                                     "permitted", "ambient" };
    struct field_of caps = { 0 };

    if (!field_object(of, "capabilities", &caps, err))
        return false;
    out->has_capabilities = caps.object != NULL;
    for (size_t i = 0; i < SPEC_CAP_SETS; i++) {
        if (!read_cap_set(caps, keys[i], &out->capabilities[i], err))
            return false;
    }
    return true;
}

static bool read_user(struct field_of of, struct spec_process *out, struct nvb_err *err)
{
    const struct nvb_json *gids = NULL;
    struct field_of user = { 0 };

    if (!field_object(of, "user", &user, err) || !field_u32(user, "uid", &out->uid, err) ||
        !field_u32(user, "gid", &out->gid, err) || !field_u32(user, "umask", &out->umask, err) ||
        !field_array(user, "additionalGids", &gids, err))
        return false;
    out->has_umask = user.object && nvb_json_get(user.object, "umask");
    out->gids = nvb_xcalloc(nvb_json_length(gids), sizeof(*out->gids));
    for (size_t i = 0; i < nvb_json_length(gids); i++) {
        uint64_t gid = 0;

        if (!nvb_json_read_u64(nvb_json_at(gids, i), &gid) || gid > UINT32_MAX)
            return field_fail(user, "additionalGids", "is not a list of ids", err);
        out->gids[out->n_gids++] = (uint32_t)gid;
    }
    return true;
}

static bool read_size(struct field_of of, struct spec_process *out, struct nvb_err *err)
{
    struct field_of size = { 0 };
    uint32_t rows = 0;
    uint32_t columns = 0;

    if (!field_object(of, "consoleSize", &size, err) || !field_u32(size, "height", &rows, err) ||
        !field_u32(size, "width", &columns, err))
        return false;
    out->n_rows = (uint16_t)(rows > UINT16_MAX ? UINT16_MAX : rows);
    out->n_columns = (uint16_t)(columns > UINT16_MAX ? UINT16_MAX : columns);
    return true;
}

static bool read_rest(struct field_of of, struct spec_process *out, struct nvb_err *err)
{
    if (!field_bool(of, "terminal", &out->has_terminal, err) ||
        !field_strv(of, "args", &out->args, err) || !field_strv(of, "env", &out->env, err) ||
        !field_str(of, "cwd", &out->cwd, err) ||
        !field_bool(of, "noNewPrivileges", &out->no_new_privileges, err) ||
        !field_str(of, "apparmorProfile", &out->apparmor, err) ||
        !field_str(of, "selinuxLabel", &out->selinux, err) ||
        !field_i64(of, "oomScoreAdj", &out->oom_score, err))
        return false;
    out->has_oom_score = of.object && nvb_json_get(of.object, "oomScoreAdj");
    if (out->apparmor && !*out->apparmor)
        out->apparmor = NULL;
    if (out->selinux && !*out->selinux)
        out->selinux = NULL;
    return true;
}

bool spec_process_read(struct field_of of, struct spec_process *out, struct nvb_err *err)
{
    out->is_there = of.object != NULL;
    out->cwd = "/";
    if (!of.object)
        return true;
    if (!read_rest(of, out, err) || !read_user(of, out, err) || !read_size(of, out, err) ||
        !read_capabilities(of, out, err) || !read_rlimits(of, out, err))
        return false;
    if (out->cwd[0] != '/')
        return field_fail(of, "cwd", "is not an absolute path", err);
    if (out->args.n == 0 || !out->args.items[0][0])
        return field_fail(of, "args", "names no program", err);
    return true;
}

void spec_process_clear(struct spec_process *process)
{
    nvb_strv_clear(&process->args);
    nvb_strv_clear(&process->env);
    free(process->gids);
    free(process->rlimits);
    *process = (struct spec_process){ 0 };
}
