/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/own_program.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "test.h"
#include "tree.h"

static char *put(const char *tree, const char *name, const char *text)
{
    char *path = nvb_xasprintf("%s/%s", tree, name);

    tree_put(tree, name, text);
    EXPECT(chmod(path, 0755) == 0);
    return path;
}

TEST(finds_itself_behind_links_and_scripts)
{
    const char *tree = tree_new();
    nvb_autofree char *script = put(tree, "script", "#!/proc/self/exe\n");
    nvb_autofree char *line = nvb_xasprintf("#! \t%s --option\n", script);
    nvb_autofree char *nested = put(tree, "nested", line);
    nvb_autofree char *link = nvb_xasprintf("%s/link", tree);

    EXPECT(symlink("/proc/self/exe", link) == 0);
    EXPECT(nvb_own_program_is_at("/proc/self/exe"));
    EXPECT(nvb_own_program_is_at(link));
    EXPECT(nvb_own_program_is_at(script));
    EXPECT(nvb_own_program_is_at(nested));
}

TEST(other_programs_are_others)
{
    const char *tree = tree_new();
    nvb_autofree char *script = put(tree, "script", "#!/bin/sh\n");
    nvb_autofree char *empty = put(tree, "empty", "");
    nvb_autofree char *nothing = put(tree, "nothing", "#!");
    nvb_autofree char *text = put(tree, "text", "/proc/self/exe");
    nvb_autofree char *pipe = nvb_xasprintf("%s/pipe", tree);

    EXPECT(mkfifo(pipe, 0755) == 0);
    EXPECT(!nvb_own_program_is_at("/bin/sh"));
    EXPECT(!nvb_own_program_is_at("/nothing"));
    EXPECT(!nvb_own_program_is_at(tree));
    EXPECT(!nvb_own_program_is_at(script));
    EXPECT(!nvb_own_program_is_at(empty));
    EXPECT(!nvb_own_program_is_at(nothing));
    EXPECT(!nvb_own_program_is_at(text));
    EXPECT(!nvb_own_program_is_at(pipe));
}

TEST(scripts_that_go_round_end)
{
    const char *tree = tree_new();
    nvb_autofree char *line = nvb_xasprintf("#!%s/round\n", tree);
    nvb_autofree char *round = put(tree, "round", line);

    EXPECT(!nvb_own_program_is_at(round));
}
