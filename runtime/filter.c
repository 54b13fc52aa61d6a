/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "filter.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "field.h"
#include "run/seccomp_library.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5) /* Linux 5.19 */
#endif

enum {
    ARGUMENTS_MAX = 6,
    PROGRAM_MAX = 4096, /* BPF_MAXINSNS */
};

struct name {
    const char *name;
    uint32_t value;
};

static const struct name actions[] = {
    {"SCMP_ACT_ALLOW",         SCMP_ACT_ALLOW       },
    { "SCMP_ACT_ERRNO",        SCMP_ACT_ERRNO(0)    },
    { "SCMP_ACT_KILL",         SCMP_ACT_KILL        },
    { "SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS},
    { "SCMP_ACT_KILL_THREAD",  SCMP_ACT_KILL_THREAD },
    { "SCMP_ACT_LOG",          SCMP_ACT_LOG         },
    { "SCMP_ACT_TRACE",        SCMP_ACT_TRACE(0)    },
    { "SCMP_ACT_TRAP",         SCMP_ACT_TRAP        },
    { NULL,                    0                    },
};

static const struct name operators[] = {
    {"SCMP_CMP_EQ",         SCMP_CMP_EQ       },
    { "SCMP_CMP_GE",        SCMP_CMP_GE       },
    { "SCMP_CMP_GT",        SCMP_CMP_GT       },
    { "SCMP_CMP_LE",        SCMP_CMP_LE       },
    { "SCMP_CMP_LT",        SCMP_CMP_LT       },
    { "SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ},
    { "SCMP_CMP_NE",        SCMP_CMP_NE       },
    { NULL,                 0                 },
};

static const struct name architectures[] = {
    {"SCMP_ARCH_AARCH64",      SCMP_ARCH_AARCH64    },
    { "SCMP_ARCH_ARM",         SCMP_ARCH_ARM        },
    { "SCMP_ARCH_MIPS",        SCMP_ARCH_MIPS       },
    { "SCMP_ARCH_MIPS64",      SCMP_ARCH_MIPS64     },
    { "SCMP_ARCH_MIPS64N32",   SCMP_ARCH_MIPS64N32  },
    { "SCMP_ARCH_MIPSEL",      SCMP_ARCH_MIPSEL     },
    { "SCMP_ARCH_MIPSEL64",    SCMP_ARCH_MIPSEL64   },
    { "SCMP_ARCH_MIPSEL64N32", SCMP_ARCH_MIPSEL64N32},
    { "SCMP_ARCH_PPC",         SCMP_ARCH_PPC        },
    { "SCMP_ARCH_PPC64",       SCMP_ARCH_PPC64      },
    { "SCMP_ARCH_PPC64LE",     SCMP_ARCH_PPC64LE    },
    { "SCMP_ARCH_RISCV64",     SCMP_ARCH_RISCV64    },
    { "SCMP_ARCH_S390",        SCMP_ARCH_S390       },
    { "SCMP_ARCH_S390X",       SCMP_ARCH_S390X      },
    { "SCMP_ARCH_X32",         SCMP_ARCH_X32        },
    { "SCMP_ARCH_X86",         SCMP_ARCH_X86        },
    { "SCMP_ARCH_X86_64",      SCMP_ARCH_X86_64     },
    { NULL,                    0                    },
};

/* SECCOMP_FILTER_FLAG_TSYNC means nothing to one thread. */
static const struct name flags[] = {
    {"SECCOMP_FILTER_FLAG_LOG",                 SECCOMP_FILTER_FLAG_LOG               },
    { "SECCOMP_FILTER_FLAG_SPEC_ALLOW",         SECCOMP_FILTER_FLAG_SPEC_ALLOW        },
    { "SECCOMP_FILTER_FLAG_TSYNC",              0                                     },
    { "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV},
    { NULL,                                     0                                     },
};

struct builder {
    struct nvb_seccomp_library library;
    scmp_filter_ctx context;
    uint32_t default_action;
};

static bool find(const struct name *names, const char *name, uint32_t *out, struct nvb_err *err)
{
    for (const struct name *n = names; n->name; n++) {
        if (strcmp(name, n->name) == 0) {
            *out = n->value;
            return true;
        }
    }
    return nvb_fail(err, NVB_D_OCI, NVB_E_UNSUPPORTED, "'%s' of 'linux.seccomp' is not known here",
                    name);
}

static bool read_action(struct field_of of,
                        const char *key,
                        const char *errno_key,
                        uint32_t *out,
                        struct nvb_err *err)
{
    const char *name = NULL;
    uint32_t number = EPERM;

    if (!field_str(of, key, &name, err) || !field_u32(of, errno_key, &number, err))
        return false;
    if (!name)
        return field_fail(of, key, "is missing", err);
    if (!find(actions, name, out, err))
        return false;
    if (*out == SCMP_ACT_ERRNO(0) || *out == SCMP_ACT_TRACE(0))
        *out |= number & 0xffff;
    return true;
}

static bool fail_library(int result, struct nvb_err *err)
{
    errno = -result;
    return nvb_fail_errno(err, NVB_D_RUN, "cannot make the system call filter");
}

static bool add_architectures(struct builder *b, struct field_of of, struct nvb_err *err)
{
    nvb_auto_strv names = { 0 };

    if (!field_strv(of, "architectures", &names, err))
        return false;
    for (size_t i = 0; i < names.n; i++) {
        uint32_t token = 0;
        int result = 0;

        if (!find(architectures, names.items[i], &token, err))
            return false;
        result = b->library.arch_add(b->context, token);
        if (result < 0 && result != -EEXIST)
            return fail_library(result, err);
    }
    return true;
}

static bool read_argument(struct field_of of, struct scmp_arg_cmp *out, struct nvb_err *err)
{
    const char *op = "";
    uint32_t index = ARGUMENTS_MAX;
    uint32_t value = 0;
    uint64_t a = 0;
    uint64_t b = 0;

    if (!field_u32(of, "index", &index, err) || !field_str(of, "op", &op, err) ||
        !field_u64(of, "value", &a, err) || !field_u64(of, "valueTwo", &b, err) ||
        !find(operators, op, &value, err))
        return false;
    if (index >= ARGUMENTS_MAX)
        return field_fail(of, "index", "is no argument's", err);
    *out = (struct scmp_arg_cmp){
        .arg = index, .op = (enum scmp_compare)value, .datum_a = a, .datum_b = b
    };
    return true;
}

static bool add_rule(struct builder *b,
                     const char *name,
                     uint32_t action,
                     unsigned n,
                     const struct scmp_arg_cmp *arguments,
                     struct nvb_err *err)
{
    int number = b->library.syscall_resolve_name(name);
    int result = 0;

    /* A call that libseccomp does not know yet, or that is another architecture's. */
    if (number == __NR_SCMP_ERROR)
        return true;
    result = b->library.rule_add_array(b->context, action, number, n, arguments);
    return result == 0 || result == -EEXIST || result == -EDOM || fail_library(result, err);
}

/* Two conditions on one argument cannot stand in one rule; each then is a rule of its own, as the
 * other runtimes have it. */
static bool has_same_argument(const struct scmp_arg_cmp *arguments, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++) {
            if (arguments[i].arg == arguments[k].arg)
                return true;
        }
    }
    return false;
}

static bool add_call(struct builder *b, struct field_of of, struct nvb_err *err)
{
    struct scmp_arg_cmp arguments[ARGUMENTS_MAX] = { 0 };
    const struct nvb_json *args = NULL;
    nvb_auto_strv names = { 0 };
    uint32_t action = 0;
    size_t n = 0;

    if (!field_strv(of, "names", &names, err) || !field_array(of, "args", &args, err) ||
        !read_action(of, "action", "errnoRet", &action, err))
        return false;
    n = nvb_json_length(args);
    if (n > ARGUMENTS_MAX)
        return field_fail(of, "args", "are more than a call has", err);
    for (size_t i = 0; i < n; i++) {
        struct field_of item = { .object = nvb_json_at(args, i), .name = "args" };

        if (!read_argument(item, &arguments[i], err))
            return false;
    }
    if (action == b->default_action)
        return true;
    for (size_t i = 0; i < names.n; i++) {
        bool is_apart = has_same_argument(arguments, n);

        for (size_t k = 0; k < (is_apart ? n : 1); k++) {
            if (!add_rule(b, names.items[i], action, is_apart ? 1 : (unsigned)n,
                          arguments + (is_apart ? k : 0), err))
                return false;
        }
    }
    return true;
}

static bool add_calls(struct builder *b, struct field_of of, struct nvb_err *err)
{
    const struct nvb_json *array = NULL;

    if (!field_array(of, "syscalls", &array, err))
        return false;
    for (size_t i = 0; i < nvb_json_length(array); i++) {
        struct field_of item = { .object = nvb_json_at(array, i), .name = "syscalls" };

        if (!add_call(b, item, err))
            return false;
    }
    return true;
}

/* libseccomp only writes to a descriptor. */
static bool export_program(const struct builder *b, struct sock_fprog *out, struct nvb_err *err)
{
    nvb_autoclose int fd = memfd_create("seccomp", MFD_CLOEXEC);
    int result = fd < 0 ? -errno : b->library.export_bpf(b->context, fd);
    off_t size = result < 0 ? 0 : lseek(fd, 0, SEEK_END);
    struct sock_filter *filter = NULL;

    if (result < 0 || size <= 0 || (size_t)size > PROGRAM_MAX * sizeof(*filter))
        return fail_library(result < 0 ? result : -E2BIG, err);
    filter = nvb_xcalloc((size_t)size / sizeof(*filter), sizeof(*filter));
    *out = (struct sock_fprog){ .len = (unsigned short)((size_t)size / sizeof(*filter)),
                                .filter = filter };
    return pread(fd, filter, (size_t)size, 0) == size ||
           nvb_fail_errno(err, NVB_D_RUN, "cannot read the system call filter");
}

static bool read_flags(struct field_of of, unsigned *out, struct nvb_err *err)
{
    nvb_auto_strv names = { 0 };

    if (!field_strv(of, "flags", &names, err))
        return false;
    for (size_t i = 0; i < names.n; i++) {
        uint32_t flag = 0;

        if (!find(flags, names.items[i], &flag, err))
            return false;
        *out |= flag;
    }
    return true;
}

bool filter_compile(const struct nvb_json *seccomp, struct filter *out, struct nvb_err *err)
{
    struct field_of of = { .object = seccomp, .name = "linux.seccomp" };
    struct builder b = { 0 };
    bool ok = false;

    if (!seccomp)
        return true;
    if (!read_action(of, "defaultAction", "defaultErrnoRet", &b.default_action, err) ||
        !read_flags(of, &out->flags, err) || !nvb_seccomp_library_open(&b.library, err))
        return false;
    b.context = b.library.init(b.default_action);
    ok = b.context ? add_architectures(&b, of, err) && add_calls(&b, of, err) &&
                         export_program(&b, &out->program, err)
                   : fail_library(-EINVAL, err);
    if (b.context)
        b.library.release(b.context);
    nvb_seccomp_library_close(&b.library);
    return ok;
}

void filter_clear(struct filter *filter)
{
    free(filter->program.filter);
    *filter = (struct filter){ 0 };
}

bool filter_load(const struct filter *filter, struct nvb_err *err)
{
    return !filter->program.filter ||
           syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, filter->flags, &filter->program) == 0 ||
           nvb_fail_errno(err, NVB_D_RUN, "cannot load the system call filter");
}

static void list(const struct name *names, struct nvb_strv *out)
{
    for (const struct name *n = names; n->name; n++)
        nvb_strv_add(out, n->name);
}

void filter_list_actions(struct nvb_strv *out)
{
    list(actions, out);
}

void filter_list_operators(struct nvb_strv *out)
{
    list(operators, out);
}

void filter_list_architectures(struct nvb_strv *out)
{
    list(architectures, out);
}

void filter_list_flags(struct nvb_strv *out)
{
    list(flags, out);
}
