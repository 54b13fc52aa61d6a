/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "resolve/gpu_choice.h"

#include <string.h>

#include "machine.h"
#include "test.h"
#include "tree.h"

NVB_DEFINE_AUTOPTR(nvb_request, nvb_request_free)

/* Intel, then two NVIDIA GPUs, and lavapipe. */
static const char *make_machine(void)
{
    const char *tree = tree_new();

    machine_gpu(tree, "0000:00:02.0", "0x8086\n", "0x46a6\n", "i915", 2);
    machine_nvidia(tree);
    machine_nvidia_gpu(tree, "0000:01:00.0", 0);
    machine_nvidia_gpu(tree, "0000:41:00.0", 1);
    machine_icd(tree, "intel_icd.x86_64.json", "libvulkan_intel.so");
    machine_icd(tree, "lvp_icd.json", "libvulkan_lvp.so");
    return tree;
}

/* Choose with words, NULL-terminated; the plan is yours. NULL with the error set. */
static struct nvb_plan *choose(const char *tree,
                               const struct nvb_profile *profile,
                               const char *const *words,
                               struct nvb_request *request,
                               struct nvb_err *err)
{
    nvb_autoptr(nvb_host) host = NULL;
    nvb_autoptr(nvb_plan) plan = nvb_xcalloc(1, sizeof(*plan));

    EXPECT(nvb_host_open(tree, &host, err));
    for (; words && *words; words++)
        nvb_request_add_gpu(request, *words);
    plan->request = request;
    plan->profile = profile;
    if (!nvb_gpu_choose(plan, host, err))
        return NULL;
    nvb_gpu_name_vulkan_drivers(plan, host);
    return nvb_steal(&plan);
}

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* The indexes of what is chosen, as "0,2"; "s" is software, "!" a failure. */
static void expect_choice(const char *tree, const char *const *words, const char *want)
{
    nvb_autoptr(nvb_request) request = nvb_request_new();
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_plan) plan = choose(tree, NULL, words, request, &err);
    nvb_auto_strv got = { 0 };
    nvb_autofree char *text = NULL;

    if (!plan)
        nvb_strv_add(&got, "!");
    for (size_t i = 0; plan && i < plan->gpus.n; i++) {
        if (plan->gpus.items[i].vendor == NVB_GPU_SOFTWARE) {
            nvb_strv_add(&got, "s");
        } else {
            nvb_strv_addf(&got, "%u", plan->gpus.items[i].index);
        }
    }
    text = nvb_strv_join(&got, ",");
    EXPECT_STR(text, want);
}

TEST(every_kind_of_word_finds_its_gpu)
{
    const char *tree = make_machine();

    expect_choice(tree, NULL, "");
    expect_choice(tree, WORDS("none"), "");
    expect_choice(tree, WORDS("all"), "0,1,2");
    expect_choice(tree, WORDS("0"), "0");
    expect_choice(tree, WORDS("2"), "2");
    expect_choice(tree, WORDS("GPU-1"), "2");
    expect_choice(tree, WORDS("0000:01:00.0"), "1");
    expect_choice(tree, WORDS("nvidia"), "1,2");
    expect_choice(tree, WORDS("intel"), "0");
    expect_choice(tree, WORDS("software"), "s");
    expect_choice(tree, WORDS("2", "0"), "2,0");
    expect_choice(tree, WORDS("0", "software"), "0,s");
}

TEST(a_gpu_named_twice_is_taken_once)
{
    const char *tree = make_machine();

    expect_choice(tree, WORDS("0", "0"), "0");
    expect_choice(tree, WORDS("GPU-0", "GPU-0"), "1");
    expect_choice(tree, WORDS("1", "GPU-0", "0000:01:00.0"), "1");
    expect_choice(tree, WORDS("GPU-0", "nvidia"), "1,2");
    expect_choice(tree, WORDS("nvidia", "GPU-1"), "1,2");
    expect_choice(tree, WORDS("all", "1", "all", "intel"), "0,1,2");
    expect_choice(tree, WORDS("software", "software"), "s");
}

TEST(unknown_words_are_refused)
{
    static const char *const bad[] = {
        "3",   "4294967296", "-1",  "",      "GPU-", "GPU-9", "0000:01:00.1",
        "amd", "NVIDIA",     "0 1", "other",
    };
    const char *tree = make_machine();

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        expect_choice(tree, WORDS(bad[i]), "!");
        expect_choice(tree, WORDS("0", bad[i]), "!");
    }
}

TEST(none_excludes_every_other_word)
{
    const char *tree = make_machine();
    nvb_autoptr(nvb_request) request = nvb_request_new();
    nvb_auto_err err = { 0 };

    expect_choice(tree, WORDS("0", "none"), "!");
    EXPECT(choose(tree, NULL, WORDS("none", "0"), request, &err) == NULL);
    EXPECT(err.kind == NVB_E_INVALID && err.hint);
}

TEST(the_advice_lists_taken_ones_too)
{
    nvb_autoptr(nvb_request) request = nvb_request_new();
    nvb_auto_err err = { 0 };

    EXPECT(choose(make_machine(), NULL, WORDS("nvidia", "7"), request, &err) == NULL);
    EXPECT(err.kind == NVB_E_NOT_FOUND);
    EXPECT(strstr(err.hint, "0 (") && strstr(err.hint, "1 (") && strstr(err.hint, "2 ("));
}

TEST(without_a_gpu_all_is_software_and_said_so)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_request) request = nvb_request_new();
    nvb_autoptr(nvb_plan) plan = NULL;
    nvb_auto_err err = { 0 };

    machine_icd(tree, "lvp_icd.json", "libvulkan_lvp.so");
    plan = choose(tree, NULL, WORDS("all"), request, &err);
    EXPECT(plan && plan->is_software && plan->gpus.n == 1 && plan->warnings.n == 1);
    EXPECT_STR(nvb_env_get(&plan->edits.env, "LIBGL_ALWAYS_SOFTWARE"), "1");
    EXPECT_STR(nvb_env_get(&plan->edits.env, "VK_DRIVER_FILES"),
               "/usr/share/vulkan/icd.d/lvp_icd.json");
    EXPECT(plan->edits.n_nodes == 0);
    expect_choice(tree, WORDS("0"), "!");
}

TEST(without_a_gpu_and_lavapipe_all_is_refused)
{
    nvb_autoptr(nvb_request) request = nvb_request_new();
    nvb_auto_err err = { 0 };

    EXPECT(choose(tree_new(), NULL, WORDS("all"), request, &err) == NULL);
    EXPECT(err.kind == NVB_E_NOT_FOUND && strstr(err.hint, "mesa-vulkan-drivers"));
}

TEST(a_profile_asks_for_all)
{
    const struct nvb_profile profile = { 0 };
    nvb_autoptr(nvb_request) request = nvb_request_new();
    nvb_autoptr(nvb_request) none = nvb_request_new();
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_plan) plan = choose(make_machine(), &profile, NULL, request, &err);
    nvb_autoptr(nvb_plan) empty = choose(make_machine(), &profile, WORDS("none"), none, &err);

    EXPECT(plan && plan->gpus.n == 3 && !plan->is_software);
    EXPECT(empty && empty->gpus.n == 0 && empty->edits.env.n == 0);
}

TEST(gives_render_nodes_and_the_chosen_drivers_only)
{
    nvb_autoptr(nvb_request) request = nvb_request_new();
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_plan) plan = choose(make_machine(), NULL, WORDS("0"), request, &err);

    EXPECT(plan && plan->edits.n_nodes == 1);
    EXPECT_STR(plan->edits.nodes[0].path, "/dev/dri/renderD130");
    EXPECT_STR(nvb_env_get(&plan->edits.env, "VK_ICD_FILENAMES"),
               "/usr/share/vulkan/icd.d/intel_icd.x86_64.json");
    EXPECT(!nvb_env_get(&plan->edits.env, "LIBGL_ALWAYS_SOFTWARE"));
}

TEST(nodes_shared_by_two_gpus_stand_once)
{
    nvb_autoptr(nvb_request) request = nvb_request_new();
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_plan) plan = choose(make_machine(), NULL, WORDS("nvidia"), request, &err);
    size_t n_control = 0;

    EXPECT(plan != NULL);
    for (size_t i = 0; i < plan->edits.n_nodes; i++) {
        EXPECT(strstr(plan->edits.nodes[i].path, "card") == NULL);
        n_control += strcmp(plan->edits.nodes[i].path, "/dev/nvidiactl") == 0;
    }
    EXPECT(n_control == 1);
}

/* As after a boot on which nobody made NVIDIA's nodes: the shared ones alone are of no use. */
TEST(a_gpu_without_a_node_of_its_own_is_left_out)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_request) request = nvb_request_new();
    nvb_autoptr(nvb_request) alone = nvb_request_new();
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_plan) plan = NULL;

    machine_gpu(tree, "0000:00:02.0", "0x8086\n", "0x46a6\n", "i915", 2);
    machine_icd(tree, "intel_icd.x86_64.json", "libvulkan_intel.so");
    machine_nvidia(tree);
    tree_put(tree, "sys/devices/pci0000:00/0000:01:00.0/class", "0x030000\n");
    tree_put(tree, "sys/devices/pci0000:00/0000:01:00.0/vendor", "0x10de\n");
    tree_link(tree, "sys/devices/pci0000:00/0000:01:00.0/driver",
              "../../../bus/pci/drivers/nvidia");
    tree_link(tree, "sys/bus/pci/devices/0000:01:00.0", "../../../devices/pci0000:00/0000:01:00.0");
    plan = choose(tree, NULL, WORDS("all"), request, &err);
    EXPECT(plan && plan->gpus.n == 1 && plan->gpus.items[0].vendor == NVB_GPU_INTEL);
    EXPECT(plan->warnings.n == 1 && strstr(plan->warnings.items[0], "has no device node"));
    EXPECT_STR(nvb_env_get(&plan->edits.env, "VK_DRIVER_FILES"),
               "/usr/share/vulkan/icd.d/intel_icd.x86_64.json");
    EXPECT(plan->edits.n_nodes == 1);
    EXPECT(choose(tree, NULL, WORDS("nvidia"), alone, &err) == NULL);
    EXPECT(err.kind == NVB_E_NOT_FOUND && err.hint);
}
