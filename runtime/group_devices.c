/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "group_devices.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "group.h"

/* What every container has, and any node may be made where it cannot be opened. */
static const struct group_device_rule always[] = {
    {true,  'c', -1,  -1, false, false, true},
    { true, 'b', -1,  -1, false, false, true},
    { true, 'c', 1,   3,  true,  true,  true}, /* null */
    { true, 'c', 1,   5,  true,  true,  true}, /* zero */
    { true, 'c', 1,   7,  true,  true,  true}, /* full */
    { true, 'c', 1,   8,  true,  true,  true}, /* random */
    { true, 'c', 1,   9,  true,  true,  true}, /* urandom */
    { true, 'c', 5,   0,  true,  true,  true}, /* tty */
    { true, 'c', 5,   1,  true,  true,  true}, /* console */
    { true, 'c', 5,   2,  true,  true,  true}, /* ptmx */
    { true, 'c', 136, -1, true,  true,  true}, /* pts */
};

static void add(struct group_device_rules *to, const struct group_device_rule *rule)
{
    to->items = nvb_xrealloc(to->items, to->n + 1, sizeof(*to->items));
    to->items[to->n++] = *rule;
}

static bool read_rule(struct field_of of, struct group_device_rule *out, struct nvb_err *err)
{
    const char *type = "a";
    const char *access = "rwm";

    *out = (struct group_device_rule){ .major = -1, .minor = -1 };
    if (!field_bool(of, "allow", &out->is_allowed, err) || !field_str(of, "type", &type, err) ||
        !field_str(of, "access", &access, err) || !field_i64(of, "major", &out->major, err) ||
        !field_i64(of, "minor", &out->minor, err))
        return false;
    if (!*type)
        type = "a";
    if (type[1] || !strchr("abc", *type))
        return field_fail(of, "type", "is none of a, b and c", err);
    if (strspn(access, "rwm") != strlen(access))
        return field_fail(of, "access", "has other letters than r, w and m", err);
    out->type = *type;
    out->may_read = strchr(access, 'r') != NULL;
    out->may_write = strchr(access, 'w') != NULL;
    out->may_make = strchr(access, 'm') != NULL;
    return true;
}

bool group_devices_read(struct field_of resources,
                        struct group_device_rules *out,
                        struct nvb_err *err)
{
    static const struct group_device_rule nothing = { false, 'a', -1, -1, true, true, true };
    const struct nvb_json *array = NULL;

    if (!field_array(resources, "devices", &array, err))
        return false;
    add(out, &nothing);
    for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
        add(out, &always[i]);
    for (size_t i = 0; i < nvb_json_length(array); i++) {
        struct field_of item = { .object = nvb_json_at(array, i), .name = "devices" };
        struct group_device_rule rule;

        if (!read_rule(item, &rule, err))
            return false;
        add(out, &rule);
        /* "Nothing" at the head of a list means all but what follows and what every one has. */
        for (size_t k = 0; !rule.is_allowed && rule.type == 'a' && rule.major < 0 &&
                           k < sizeof(always) / sizeof(always[0]);
             k++)
            add(out, &always[k]);
    }
    return true;
}

void group_devices_clear(struct group_device_rules *rules)
{
    free(rules->items);
    *rules = (struct group_device_rules){ 0 };
}

static void add_number(struct nvb_buf *to, int64_t number)
{
    if (number < 0) {
        nvb_buf_add_str(to, "*");
    } else {
        nvb_buf_addf(to, "%lld", (long long)number);
    }
}

bool group_devices_apply_v1(const struct group_device_rules *rules,
                            const char *dir,
                            struct nvb_err *err)
{
    for (size_t i = 0; i < rules->n; i++) {
        const struct group_device_rule *r = &rules->items[i];
        nvb_auto_buf line = { 0 };

        nvb_buf_addf(&line, "%c ", r->type);
        add_number(&line, r->major);
        nvb_buf_add_str(&line, ":");
        add_number(&line, r->minor);
        nvb_buf_addf(&line, " %s%s%s", r->may_read ? "r" : "", r->may_write ? "w" : "",
                     r->may_make ? "m" : "");
        if (!group_write(dir, r->is_allowed ? "devices.allow" : "devices.deny", line.data, err))
            return false;
    }
    return true;
}

struct program {
    struct bpf_insn *items;
    size_t n;
};

static void emit(struct program *p, int code, int dst, int src, int off, int imm)
{
    p->items = nvb_xrealloc(p->items, p->n + 1, sizeof(*p->items));
    p->items[p->n++] = (struct bpf_insn){ .code = (unsigned char)code,
                                          .dst_reg = (unsigned char)(dst & 0xf),
                                          .src_reg = (unsigned char)(src & 0xf),
                                          .off = (short)off,
                                          .imm = imm };
}

static void jump_if_not(struct program *p, int reg, int value)
{
    emit(p, BPF_JMP | BPF_JNE | BPF_K, reg, 0, 0, value); /* where to: patch() */
}

/* Every jump that was left open since `first` goes to the program's end as it is now. */
static void patch(struct program *p, size_t first)
{
    for (size_t i = first; i < p->n; i++) {
        if (BPF_CLASS(p->items[i].code) == BPF_JMP && p->items[i].off == 0 &&
            BPF_OP(p->items[i].code) != BPF_EXIT)
            p->items[i].off = (short)(p->n - i - 1);
    }
}

static int access_bits(const struct group_device_rule *r)
{
    return (r->may_make ? BPF_DEVCG_ACC_MKNOD : 0) | (r->may_read ? BPF_DEVCG_ACC_READ : 0) |
           (r->may_write ? BPF_DEVCG_ACC_WRITE : 0);
}

/* r2 type, r3 access, r4 major, r5 minor. A rule that allows must allow all that is asked; one
 * that forbids is met by any of it. */
static void emit_rule(struct program *p, const struct group_device_rule *r)
{
    size_t first = p->n;
    int bits = access_bits(r);
    int all = BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE;

    if (r->type != 'a')
        jump_if_not(p, 2, r->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
    if (bits != all) {
        emit(p, BPF_ALU64 | BPF_MOV | BPF_X, 1, 3, 0, 0);
        emit(p, BPF_ALU64 | BPF_AND | BPF_K, 1, 0, 0, r->is_allowed ? all & ~bits : bits);
        if (r->is_allowed)
            jump_if_not(p, 1, 0);
        else
            emit(p, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 0, 0);
    }
    if (r->major >= 0)
        jump_if_not(p, 4, (int)r->major);
    if (r->minor >= 0)
        jump_if_not(p, 5, (int)r->minor);
    emit(p, BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, r->is_allowed);
    emit(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
    patch(p, first);
}

static bool fits_all(const struct group_device_rule *r)
{
    return r->type == 'a' && r->major < 0 && r->minor < 0 && r->may_read && r->may_write &&
           r->may_make;
}

size_t group_devices_compile(const struct group_device_rules *rules, struct bpf_insn **out_program)
{
    struct program p = { 0 };
    bool is_met = false;

    emit(&p, BPF_LDX | BPF_MEM | BPF_W, 2, 1, 0, 0);
    emit(&p, BPF_ALU64 | BPF_MOV | BPF_X, 3, 2, 0, 0);
    emit(&p, BPF_ALU64 | BPF_AND | BPF_K, 2, 0, 0, 0xffff);
    emit(&p, BPF_ALU64 | BPF_RSH | BPF_K, 3, 0, 0, 16);
    emit(&p, BPF_LDX | BPF_MEM | BPF_W, 4, 1, 4, 0);
    emit(&p, BPF_LDX | BPF_MEM | BPF_W, 5, 1, 8, 0);
    /* The last rule that fits decides, so it is asked first. Behind one that fits everything comes
     * nothing: the kernel refuses a program with a part that is never reached. */
    for (size_t i = rules->n; i-- > 0 && !is_met;) {
        emit_rule(&p, &rules->items[i]);
        is_met = fits_all(&rules->items[i]);
    }
    if (!is_met) {
        emit(&p, BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0);
        emit(&p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
    }
    *out_program = p.items;
    return p.n;
}

static int bpf(int command, union bpf_attr *attr)
{
    return (int)syscall(SYS_bpf, command, attr, sizeof(*attr));
}

/* The first namespace alone has all ids. */
static bool is_in_user_namespace(void)
{
    nvb_autofree char *text = NULL;
    nvb_auto_err ignored = { 0 };

    return nvb_read_file(AT_FDCWD, "/proc/self/uid_map", 4096, &text, NULL, &ignored) &&
           !strstr(text, "4294967295");
}

bool group_devices_apply_v2(const struct group_device_rules *rules,
                            const char *dir,
                            struct nvb_err *err)
{
    nvb_autofree struct bpf_insn *program = NULL;
    nvb_autoclose int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    nvb_autoclose int fd = -1;
    union bpf_attr load = { .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE };
    union bpf_attr attach = { .attach_type = BPF_CGROUP_DEVICE, .attach_flags = BPF_F_ALLOW_MULTI };

    load.insn_cnt = (unsigned)group_devices_compile(rules, &program);
    load.insns = (uint64_t)(uintptr_t)program;
    load.license = (uint64_t)(uintptr_t) "Dual MIT/GPL";
    fd = bpf(BPF_PROG_LOAD, &load);
    if (fd < 0 && errno == EPERM && is_in_user_namespace())
        return true; /* nobody can make nodes there */
    if (dir_fd >= 0 && fd >= 0) {
        attach.target_fd = (unsigned)dir_fd;
        attach.attach_bpf_fd = (unsigned)fd;
        if (bpf(BPF_PROG_ATTACH, &attach) == 0)
            return true;
    }
    return nvb_fail_errno(err, NVB_D_RUN, "cannot limit the devices of '%s'", dir);
}
