/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "resolve/cdi_check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine.h"
#include "test.h"
#include "tree.h"

#define SPEC "/etc/cdi/gpu.json"

/* What `cdi generate --output` writes, on the machine in the tree. */
static void write_specification(const char *tree, struct nvb_cdi_recipe *recipe)
{
    nvb_autoptr(nvb_host) host = NULL;
    nvb_auto_cdi_made made = { 0 };
    nvb_autofree char *text = NULL;
    nvb_autofree char *beside = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(nvb_host_open(tree, &host, &err));
    EXPECT(nvb_cdi_recipe_follow(recipe, host, &made, &err));
    text = nvb_cdi_recipe_dup_text(recipe, made.spec);
    beside = nvb_cdi_recipe_to_json_text(recipe, &made.stamp);
    tree_put(tree, SPEC, text);
    tree_put(tree, SPEC ".nvbind", beside);
}

static bool check(const char *tree, struct nvb_cdi_verdict *verdict, struct nvb_err *err)
{
    nvb_autoptr(nvb_host) host = NULL;

    EXPECT(nvb_host_open(tree, &host, err));
    return nvb_cdi_check(host, SPEC, verdict, err);
}

static void remove_file(const char *tree, const char *path)
{
    nvb_autofree char *whole = nvb_xasprintf("%s/%s", tree, path);

    EXPECT(unlink(whole) == 0);
}

/* Reasons and all, as one text. */
static char *dup_reasons(const struct nvb_cdi_verdict *verdict)
{
    return verdict->reasons.n > 0 ? nvb_strv_join(&verdict->reasons, "; ") : nvb_xstrdup("");
}

TEST(one_of_ours_that_fits_is_good)
{
    const char *tree = tree_new();
    struct nvb_cdi_recipe recipe = { 0 };
    nvb_auto_cdi_verdict verdict = { 0 };
    nvb_auto_err err = { 0 };

    machine_gpu(tree, "0000:03:00.0", "0x1002\n", "0x73bf\n", "amdgpu", 0);
    write_specification(tree, &recipe);
    EXPECT(check(tree, &verdict, &err));
    EXPECT(verdict.is_ours && verdict.reasons.n == 0);
}

TEST(one_of_ours_that_is_gone_is_made_anew)
{
    const char *tree = tree_new();
    struct nvb_cdi_recipe recipe = { 0 };
    nvb_auto_cdi_verdict before = { 0 };
    nvb_auto_cdi_verdict verdict = { 0 };
    nvb_auto_err err = { 0 };

    machine_gpu(tree, "0000:03:00.0", "0x1002\n", "0x73bf\n", "amdgpu", 0);
    write_specification(tree, &recipe);
    EXPECT(check(tree, &before, &err));
    remove_file(tree, SPEC);
    EXPECT(check(tree, &verdict, &err));
    EXPECT_STR(verdict.reasons.items[0], "it is gone");
    EXPECT_STR(verdict.text, before.text);
}

TEST(a_file_that_nobody_made_is_an_error)
{
    const char *tree = tree_new();
    nvb_auto_cdi_verdict verdict = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(!check(tree, &verdict, &err));
    EXPECT(err.kind == NVB_E_NOT_FOUND && !verdict.is_ours);
}

TEST(a_gpu_more_and_a_node_less_are_told)
{
    const char *tree = tree_new();
    struct nvb_cdi_recipe recipe = { 0 };
    nvb_auto_cdi_verdict verdict = { 0 };
    nvb_autofree char *reasons = NULL;
    nvb_auto_err err = { 0 };

    machine_gpu(tree, "0000:03:00.0", "0x1002\n", "0x73bf\n", "amdgpu", 0);
    write_specification(tree, &recipe);
    machine_gpu(tree, "0000:83:00.0", "0x1002\n", "0x73bf\n", "amdgpu", 1);
    remove_file(tree, "dev/dri/card0");
    EXPECT(check(tree, &verdict, &err));
    reasons = dup_reasons(&verdict);
    EXPECT_STR(reasons, "device node '/dev/dri/card0' is gone; device '1' is new");
}

TEST(what_is_left_out_is_noted)
{
    const char *tree = tree_new();
    struct nvb_cdi_recipe recipe = { .has_no_nvml = true };
    nvb_auto_cdi_verdict verdict = { 0 };
    nvb_auto_err err = { 0 };

    machine_nvidia(tree);
    machine_nvidia_gpu(tree, "0000:01:00.0", 0);
    machine_nvidia_gpu(tree, "0000:02:00.0", 1);
    write_specification(tree, &recipe);
    remove_file(tree, "dev/nvidia1");
    EXPECT(check(tree, &verdict, &err) && verdict.text);
    EXPECT(verdict.notes.n > 0 && strstr(verdict.notes.items[0], "has no node /dev/nvidia1"));
}

/* A GPU cut in one, and the double that tells its UUID or, as while a driver loads, nothing. */
static const char *mig_machine(void)
{
    const char *tree = tree_new();

    machine_nvidia(tree);
    machine_nvidia_gpu(tree, "0000:01:00.0", 0);
    tree_put(tree, "proc/driver/nvidia/capabilities/gpu0/mig/gi1/ci0/access", "");
    tree_put(tree, "nvml",
             "driver 550.163.01\ngpu 0000:01:00.0\nname A100\nuuid GPU-0\nminor 0\n"
             "mig_mode 1\nmig 1 0 1g.5gb MIG-1 4864\n");
    tree_put(tree, "silent", "init 9\n");
    EXPECT(setenv("NVBIND_NVML_LIBRARY", NVB_NVML_DOUBLES "/libnvidia-ml.so.1", 1) == 0);
    return tree;
}

static void let_nvml_tell(const char *tree, const char *file)
{
    nvb_autofree char *path = nvb_xasprintf("%s/%s", tree, file);

    EXPECT(setenv("NVML_DOUBLE", path, 1) == 0);
}

TEST(half_an_answer_of_nvml_replaces_no_whole_one)
{
    const char *tree = mig_machine();
    struct nvb_cdi_recipe recipe = { 0 };
    nvb_auto_cdi_verdict verdict = { 0 };
    nvb_auto_cdi_verdict again = { 0 };
    nvb_auto_err err = { 0 };

    let_nvml_tell(tree, "nvml");
    write_specification(tree, &recipe);
    let_nvml_tell(tree, "silent");
    EXPECT(check(tree, &verdict, &err));
    EXPECT(verdict.reasons.n == 1 && !verdict.text);
    EXPECT(strstr(verdict.reasons.items[0], "cannot be made anew: UUIDs of devices are unknown"));
    let_nvml_tell(tree, "nvml");
    EXPECT(check(tree, &again, &err));
    EXPECT(again.reasons.n == 0);
}

TEST(nvml_that_never_told_anything_is_not_waited_for)
{
    const char *tree = mig_machine();
    struct nvb_cdi_recipe recipe = { 0 };
    nvb_auto_cdi_verdict verdict = { 0 };
    nvb_auto_err err = { 0 };

    let_nvml_tell(tree, "silent");
    write_specification(tree, &recipe);
    tree_put(tree, "proc/driver/nvidia/capabilities/gpu0/mig/gi2/ci0/access", "");
    EXPECT(check(tree, &verdict, &err));
    EXPECT(verdict.text != NULL);
}
