/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "oci/container.h"

#include <string.h>

#include "resolve/plan.h"
#include "test.h"

NVB_DEFINE_AUTOPTR(nvb_request, nvb_request_free)

static struct nvb_request *new_request(void)
{
    struct nvb_request *r = nvb_request_new();

    r->image = nvb_xstrdup("host");
    return r;
}

TEST(the_users_words_beat_the_plan_and_the_plan_the_base)
{
    nvb_autoptr(nvb_request) r = new_request();
    struct nvb_plan plan = { .request = r };
    nvb_autoptr(nvb_container) c = NULL;
    nvb_auto_err err = { 0 };

    nvb_env_set(&plan.edits.env, "LANG", "plan");
    nvb_env_set(&plan.edits.env, "DISPLAY", "plan");
    nvb_env_set(&plan.edits.env, "VK_DRIVER_FILES", "a=b");
    EXPECT(nvb_request_add_env(r, "DISPLAY=user", &err) && nvb_request_add_env(r, "X=1=2", &err));
    EXPECT(nvb_request_add_env(r, "HOME=/h", &err) && nvb_request_add_env(r, "X=3", &err));
    c = nvb_container_new(&plan);
    EXPECT_STR(nvb_env_get(&c->env, "LANG"), "plan");
    EXPECT_STR(nvb_env_get(&c->env, "DISPLAY"), "user");
    EXPECT_STR(nvb_env_get(&c->env, "VK_DRIVER_FILES"), "a=b");
    EXPECT_STR(nvb_env_get(&c->env, "X"), "3");
    EXPECT_STR(nvb_env_get(&c->env, "HOME"), "/h");
    EXPECT_STR(nvb_env_get(&c->env, "USER"), "user");
    nvb_strv_clear(&plan.edits.env);
}

TEST(of_the_callers_environment_only_the_terminal_type_passes)
{
    nvb_autoptr(nvb_request) r = new_request();
    struct nvb_plan plan = { .request = r };
    nvb_autoptr(nvb_container) without = NULL;
    nvb_autoptr(nvb_container) with = NULL;
    nvb_autoptr(nvb_container) unset = NULL;

    (void)setenv("NVBIND_TEST_SECRET", "x", 1);
    (void)setenv("LD_PRELOAD_TEST", "x", 1);
    (void)setenv("TERM", "foot", 1);
    without = nvb_container_new(&plan);
    r->has_tty = true;
    with = nvb_container_new(&plan);
    (void)unsetenv("TERM");
    unset = nvb_container_new(&plan);
    EXPECT(!nvb_env_get(&without->env, "TERM"));
    EXPECT(!nvb_env_get(&with->env, "NVBIND_TEST_SECRET"));
    EXPECT(!nvb_env_get(&with->env, "LD_PRELOAD_TEST"));
    EXPECT_STR(nvb_env_get(&with->env, "TERM"), "foot");
    EXPECT_STR(nvb_env_get(&unset->env, "TERM"), "xterm");
}

TEST(strict_masks_and_steam_masks_nothing)
{
    nvb_autoptr(nvb_request) r = new_request();
    struct nvb_plan strict = { .request = r, .sandbox = NVB_SANDBOX_STRICT };
    struct nvb_plan steam = { .request = r, .sandbox = NVB_SANDBOX_STEAM };
    nvb_autoptr(nvb_container) a = nvb_container_new(&strict);
    nvb_autoptr(nvb_container) b = nvb_container_new(&steam);

    EXPECT(nvb_strv_has(&a->masked_paths, "/proc/kcore"));
    EXPECT(nvb_strv_has(&a->masked_paths, "/sys/firmware"));
    EXPECT(nvb_strv_has(&a->readonly_paths, "/proc/sys"));
    EXPECT(b->masked_paths.n == 0 && b->readonly_paths.n == 0);
}

TEST(what_is_unset_gets_a_default)
{
    nvb_autoptr(nvb_request) r = new_request();
    struct nvb_plan plan = { .request = r };
    nvb_autoptr(nvb_container) c = nvb_container_new(&plan);
    nvb_autoptr(nvb_container) other = nvb_container_new(&plan);

    EXPECT(c->args.n == 1 && c->args.items[1] == NULL);
    EXPECT_STR(c->args.items[0], "/bin/sh");
    EXPECT_STR(c->cwd, "/home/user");
    EXPECT_STR(c->hostname, "bolt");
    EXPECT(c->uid == 1000 && c->gid == 1000);
    EXPECT(strlen(c->id) == 12 && strspn(c->id, "0123456789abcdef") == 12);
    EXPECT(strcmp(c->id, other->id) != 0);
}

TEST(the_edits_are_copied_whole)
{
    nvb_autoptr(nvb_request) r = new_request();
    struct nvb_plan plan = { .request = r };
    nvb_autoptr(nvb_container) c = NULL;
    struct nvb_mount *m = NULL;

    nvb_edits_add_node(&plan.edits, "/dev/a");
    plan.edits.nodes[0].host_path = nvb_xstrdup("/dev/b");
    plan.edits.nodes[0].permissions[1] = '\0';
    m = nvb_edits_add_bind(&plan.edits, "/x", "/y");
    m->is_writable = m->is_recursive = m->is_mapped = m->is_made = true;
    nvb_edits_add_file(&plan.edits, "/f", "a\0b", 3, 0600);
    c = nvb_container_new(&plan);
    nvb_edits_clear(&plan.edits); /* it must not be needed any more */

    EXPECT(c->edits.n_nodes == 1 && c->edits.n_mounts == 2);
    EXPECT_STR(c->edits.nodes[0].path, "/dev/a");
    EXPECT_STR(c->edits.nodes[0].host_path, "/dev/b");
    EXPECT_STR(c->edits.nodes[0].permissions, "r");
    m = &c->edits.mounts[0];
    EXPECT(m->is_writable && m->is_recursive && m->is_mapped && m->is_made);
    EXPECT(c->edits.mounts[1].content.len == 3 && c->edits.mounts[1].mode == 0600);
    EXPECT(memcmp(c->edits.mounts[1].content.data, "a\0b", 3) == 0);
}

TEST(a_step_keeps_its_own_text)
{
    nvb_autoptr(nvb_request) r = new_request();
    struct nvb_plan plan = { .request = r };
    nvb_autoptr(nvb_container) c = nvb_container_new(&plan);
    char path[] = "/a";

    for (int i = 0; i < 100; i++)
        EXPECT(nvb_container_add_step(c, NVB_ROOT_FILE, path, NULL, "x", 0644)->mode == 0644);
    path[1] = 'b';
    EXPECT(c->n_steps == 100 && c->steps[99].source == NULL);
    EXPECT_STR(c->steps[0].path, "/a");
    EXPECT_STR(c->steps[99].content, "x");
}
