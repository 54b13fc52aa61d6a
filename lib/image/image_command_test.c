/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/image_command.h"

#include <string.h>

#include "test.h"
#include "tree.h"

#define DIFF_IDS                \
    "\"rootfs\":{\"diff_ids\":" \
    "[\"sha256:0000000000000000000000000000000000000000000000000000000000000000\"]}"

/* What the image says and what the user says become one container. */
struct bed {
    struct nvb_image image;
    struct nvb_stored_image stored;
    struct nvb_request *request;
    struct nvb_plan plan;
    struct nvb_account user;
    struct nvb_host *host;
    struct nvb_container *c;
    struct nvb_err err;
};

static void bed_make(struct bed *bed, const char *config)
{
    nvb_autofree char *text =
        nvb_xasprintf("{\"os\":\"linux\",%s\"config\":{%s}," DIFF_IDS "}",
                      strstr(config, "\"architecture\"") ? "\"architecture\":\"mips64le\"," : "",
                      strstr(config, "\"architecture\"") ? "" : config);

    *bed = (struct bed){ 0 };
    EXPECT(nvb_image_config_parse(text, strlen(text), "test", &bed->image.config, &bed->err));
    bed->stored.image = &bed->image;
    bed->request = nvb_request_new();
    bed->request->image = nvb_xstrdup("test");
    bed->plan.request = bed->request;
    bed->user = (struct nvb_account){ .uid = 7, .gid = 8, .home = nvb_xstrdup("/home/seven") };
    EXPECT(nvb_host_open(tree_new(), &bed->host, &bed->err));
}

static bool bed_compose(struct bed *bed)
{
    struct nvb_container_base base = { 0 };
    bool ok = false;

    nvb_container_free(bed->c);
    bed->c = NULL;
    if (nvb_image_command_fill(&bed->stored, &bed->plan, &bed->user, &base, &bed->err)) {
        bed->c = nvb_container_new_on(&bed->plan, &base);
        ok = nvb_image_command_apply(&bed->stored, &bed->plan, bed->host, bed->c, &bed->err);
    }
    nvb_container_base_clear(&base);
    return ok;
}

static void bed_clear(struct bed *bed)
{
    nvb_image_config_free(bed->image.config);
    nvb_request_free(bed->request);
    nvb_account_clear(&bed->user);
    nvb_host_free(bed->host);
    nvb_container_free(bed->c);
    nvb_err_clear(&bed->err);
}

#define auto_bed __attribute__((cleanup(bed_clear))) struct bed

static void add_word(struct nvb_request *r, const char *word)
{
    r->command = nvb_xrealloc(r->command, r->n_command + 2, sizeof(*r->command));
    r->command[r->n_command++] = nvb_xstrdup(word);
    r->command[r->n_command] = NULL;
}

static void expect_args(struct bed *bed, const char *want)
{
    nvb_autofree char *got = NULL;

    EXPECT(bed_compose(bed));
    got = nvb_strv_join(&bed->c->args, " ");
    EXPECT_STR(got, want);
}

TEST(entrypoint_and_command_are_put_together_as_docker_does)
{
    auto_bed bed;

    bed_make(&bed, "\"Entrypoint\":[\"/entry\",\"-x\"],\"Cmd\":[\"a\",\"b\"]");
    expect_args(&bed, "/entry -x a b");
    add_word(bed.request, "mine");
    expect_args(&bed, "/entry -x mine");
    bed.request->entrypoint = nvb_xstrdup("/other");
    expect_args(&bed, "/other mine");
    bed.request->entrypoint[0] = '\0';
    expect_args(&bed, "mine");
    bed.request->n_command = 0;
    EXPECT(!bed_compose(&bed));
    EXPECT_STR(bed.err.lines[0], "the image does not say what to run");
    bed.request->n_command = 1;
}

TEST(another_entrypoint_does_not_get_the_images_command)
{
    auto_bed bed;

    bed_make(&bed, "\"Cmd\":[\"a\",\"b\"]");
    expect_args(&bed, "a b");
    bed.request->entrypoint = nvb_xstrdup("/bin/sh");
    expect_args(&bed, "/bin/sh");
}

TEST(the_environment_is_the_images_then_the_users)
{
    auto_bed bed;

    bed_make(&bed, "\"Cmd\":[\"a\"],\"WorkingDir\":\"/srv\",\"StopSignal\":\"SIGQUIT\","
                   "\"Env\":[\"PATH=/p\",\"A=1\",\"B=2\",\"NVIDIA_VISIBLE_DEVICES=all\",\"E=\"]");
    EXPECT(nvb_request_add_env(bed.request, "B=3", &bed.err));
    EXPECT(bed_compose(&bed));
    EXPECT_STR(nvb_env_get(&bed.c->env, "PATH"), "/p");
    EXPECT_STR(nvb_env_get(&bed.c->env, "HOME"), "/home/seven");
    EXPECT_STR(nvb_env_get(&bed.c->env, "A"), "1");
    EXPECT_STR(nvb_env_get(&bed.c->env, "B"), "3");
    EXPECT_STR(nvb_env_get(&bed.c->env, "E"), "");
    EXPECT_STR(nvb_env_get(&bed.c->env, "HOSTNAME"), bed.c->hostname);
    EXPECT_STR(bed.c->hostname, bed.c->id);
    EXPECT_STR(nvb_env_get(&bed.c->env, "NVIDIA_VISIBLE_DEVICES"), "void");
    EXPECT(!nvb_env_get(&bed.c->env, "USER") && !nvb_env_get(&bed.c->env, "LANG"));
    EXPECT_STR(bed.c->cwd, "/srv");
    EXPECT(bed.c->uid == 7 && bed.c->gid == 8 && bed.c->stop_signal == 3);
}

TEST(which_gpus_there_are_is_the_images_word_only_when_it_is_trusted)
{
    auto_bed bed;
    struct nvb_plan_image untrusted;
    struct nvb_plan_image trusted;

    bed_make(&bed, "\"Cmd\":[\"a\"],\"Env\":[\"NVIDIA_VISIBLE_DEVICES=0,1\"]");
    untrusted = nvb_stored_image_for_plan(&bed.stored, bed.request);
    bed.request->trusts_image_gpu_env = true;
    trusted = nvb_stored_image_for_plan(&bed.stored, bed.request);
    EXPECT(untrusted.gpus == NULL);
    EXPECT_STR(trusted.gpus, "0,1");
    EXPECT(bed_compose(&bed));
    EXPECT_STR(nvb_env_get(&bed.c->env, "NVIDIA_VISIBLE_DEVICES"), "0,1");
}

TEST(without_words_of_the_image_there_are_dockers_defaults)
{
    auto_bed bed;

    bed_make(&bed, "\"Cmd\":[\"a\"]");
    EXPECT(bed_compose(&bed));
    EXPECT_STR(nvb_env_get(&bed.c->env, "PATH"),
               "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    EXPECT_STR(bed.c->cwd, "/");
    EXPECT(bed.c->stop_signal == 0 && bed.c->foreign_hint == NULL);
    EXPECT(!nvb_env_get(&bed.c->env, "NVIDIA_VISIBLE_DEVICES"));
}

TEST(an_image_for_another_processor_names_the_emulator)
{
    auto_bed bed;

    bed_make(&bed, "\"architecture\"");
    add_word(bed.request, "a");
    EXPECT(bed_compose(&bed));
    EXPECT(strstr(bed.c->foreign_hint, "QEMU") != NULL);
}
