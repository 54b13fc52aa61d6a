/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "group_devices.h"

#include <string.h>

#include "test.h"

/* What the kernel would do with the program: only what it is made of. */
static unsigned
run(const struct bpf_insn *program, size_t n, unsigned access, unsigned major, unsigned minor)
{
    const unsigned context[3] = { access, major, minor };
    uint64_t r[11] = { 0 };

    for (size_t pc = 0; pc < n; pc++) {
        const struct bpf_insn *i = &program[pc];

        switch (i->code) {
        case BPF_LDX | BPF_MEM | BPF_W:
            r[i->dst_reg] = context[i->off / 4];
            break;
        case BPF_ALU64 | BPF_MOV | BPF_X:
            r[i->dst_reg] = r[i->src_reg];
            break;
        case BPF_ALU64 | BPF_MOV | BPF_K:
            r[i->dst_reg] = (uint64_t)i->imm;
            break;
        case BPF_ALU64 | BPF_AND | BPF_K:
            r[i->dst_reg] &= (uint64_t)i->imm;
            break;
        case BPF_ALU64 | BPF_RSH | BPF_K:
            r[i->dst_reg] >>= i->imm;
            break;
        case BPF_JMP | BPF_JNE | BPF_K:
            pc += r[i->dst_reg] != (uint64_t)i->imm ? (size_t)i->off : 0;
            break;
        case BPF_JMP | BPF_JEQ | BPF_K:
            pc += r[i->dst_reg] == (uint64_t)i->imm ? (size_t)i->off : 0;
            break;
        case BPF_JMP | BPF_EXIT:
            return (unsigned)r[0];
        default:
            test_fail("a known instruction", __FILE__, __LINE__);
        }
    }
    test_fail("an end", __FILE__, __LINE__);
}

static unsigned
ask(const char *rules, char type, const char *access, unsigned major, unsigned minor)
{
    nvb_autofree char *text = nvb_xasprintf("{\"devices\": [%s]}", rules);
    nvb_autofree struct bpf_insn *program = NULL;
    nvb_autoptr(nvb_json) json = NULL;
    struct group_device_rules read = { 0 };
    struct field_of of = { .name = "resources" };
    nvb_auto_err err = { 0 };
    unsigned bits = (strchr(access, 'm') ? 1U : 0) | (strchr(access, 'r') ? 2U : 0) |
                    (strchr(access, 'w') ? 4U : 0);
    unsigned answer = 0;
    size_t n = 0;

    EXPECT(nvb_json_parse(text, strlen(text), "test", &json, &err));
    of.object = json;
    EXPECT(group_devices_read(of, &read, &err));
    n = group_devices_compile(&read, &program);
    answer = run(program, n, bits << 16 | (type == 'b' ? 1U : 2U), major, minor);
    group_devices_clear(&read);
    return answer;
}

/* The kernel refuses a program that has something behind its last end. */
static bool ends_once(const char *rules)
{
    nvb_autofree char *text = nvb_xasprintf("{\"devices\": [%s]}", rules);
    nvb_autofree struct bpf_insn *program = NULL;
    nvb_autoptr(nvb_json) json = NULL;
    struct group_device_rules read = { 0 };
    struct field_of of = { .name = "resources" };
    nvb_auto_err err = { 0 };
    size_t n = 0;
    size_t furthest = 0;

    EXPECT(nvb_json_parse(text, strlen(text), "test", &json, &err));
    of.object = json;
    EXPECT(group_devices_read(of, &read, &err));
    n = group_devices_compile(&read, &program);
    group_devices_clear(&read);
    for (size_t i = 0; i < n; i++) {
        bool is_exit = program[i].code == (BPF_JMP | BPF_EXIT);

        if (BPF_CLASS(program[i].code) == BPF_JMP && !is_exit &&
            i + 1 + (size_t)program[i].off > furthest)
            furthest = i + 1 + (size_t)program[i].off;
        if (is_exit && furthest <= i)
            return i + 1 == n;
    }
    return false;
}

TEST(every_part_of_the_program_is_reached)
{
    EXPECT(ends_once(""));
    EXPECT(ends_once("{\"allow\": false, \"access\": \"rwm\"}"));
    EXPECT(ends_once("{\"allow\": true, \"access\": \"rwm\"}"));
}

TEST(nothing_is_open_but_what_every_container_has)
{
    EXPECT(ask("", 'c', "rw", 1, 3) == 1);
    EXPECT(ask("", 'c', "rw", 136, 9) == 1);
    EXPECT(ask("", 'c', "m", 195, 0) == 1);
    EXPECT(ask("", 'c', "rw", 195, 0) == 0);
    EXPECT(ask("", 'b', "r", 8, 0) == 0);
}

TEST(the_last_rule_that_fits_decides)
{
#define OPEN_195 "{\"allow\": true, \"type\": \"c\", \"major\": 195, \"access\": \"rw\"}"
    EXPECT(ask(OPEN_195, 'c', "rw", 195, 7) == 1);
    EXPECT(ask(OPEN_195, 'c', "rwm", 195, 7) == 0);
    EXPECT(ask(OPEN_195, 'b', "rw", 195, 7) == 0);
    EXPECT(ask(OPEN_195 ", {\"allow\": false, \"type\": \"c\", \"major\": 195, \"minor\": 7,"
                        " \"access\": \"w\"}",
               'c', "rw", 195, 7) == 0);
    EXPECT(ask(OPEN_195 ", {\"allow\": false, \"type\": \"c\", \"major\": 195, \"minor\": 7,"
                        " \"access\": \"w\"}",
               'c', "r", 195, 7) == 1);
    EXPECT(ask(OPEN_195 ", {\"allow\": false, \"access\": \"rwm\"}", 'c', "r", 195, 7) == 0);
    EXPECT(ask("{\"allow\": false, \"access\": \"rwm\"}", 'c', "rw", 1, 3) == 1);
}
