/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/nvml.h"

#include <stdlib.h>
#include <string.h>

#include "host/nvml_abi.h"
#include "test.h"
#include "tree.h"

static const char double_new[] = NVB_NVML_DOUBLES "/libnvidia-ml.so.1";
static const char double_old[] = NVB_NVML_DOUBLES "/libnvidia-ml-old.so.1";

static const char two_gpus[] = "driver 570.86.16\ncuda 12080\n"
                               "gpu 0000:0F:00.0\nname NVIDIA GeForce RTX 4070\nuuid GPU-a\n"
                               "minor 1\nmemory_mib 12282\ncapability 89\narchitecture 8\n"
                               "display 1\npersistence 0\n"
                               "gpu 10000:01:00.0\nname NVIDIA A100\nuuid GPU-b\nminor 0\n"
                               "memory_mib 40960\ncapability 80\narchitecture 7\n"
                               "mig 9 0 1g.5gb MIG-x 4864\nhole\n"
                               "mig 10 1 1g.5gb+gfx MIG-y 4864\n";

static struct nvb_host *open_host(const char *tree)
{
    struct nvb_host *host = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(nvb_host_open(tree, &host, &err));
    return host;
}

/* A tree whose NVML is the double at `library`, answering from `answers`. */
static const char *prepare(const char *library, const char *answers)
{
    const char *tree = tree_new();
    nvb_autofree char *path = nvb_xasprintf("%s/nvml", tree);

    tree_put(tree, "nvml", answers);
    EXPECT(setenv("NVML_DOUBLE", path, 1) == 0);
    EXPECT(setenv("NVBIND_NVML_LIBRARY", library, 1) == 0);
    return tree;
}

static void read_facts(const char *library, const char *answers, struct nvb_nvml_facts *out)
{
    nvb_autoptr(nvb_host) host = open_host(prepare(library, answers));
    nvb_autoptr(nvb_nvml) nvml = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(nvb_nvml_open(host, &nvml, &err));
    EXPECT(nvml && nvb_nvml_read(nvml, out, &err));
}

TEST(tells_the_facts_of_each_gpu)
{
    nvb_auto_nvml_facts facts = { 0 };

    read_facts(double_new, two_gpus, &facts);
    EXPECT(facts.n_gpus == 2 && facts.cuda_version == 12080);
    EXPECT_STR(facts.driver_version, "570.86.16");
    EXPECT_STR(facts.gpus[0].name, "NVIDIA GeForce RTX 4070");
    EXPECT_STR(facts.gpus[0].uuid, "GPU-a");
    EXPECT_STR(facts.gpus[0].pci_address, "0000:0f:00.0");
    EXPECT_STR(facts.gpus[0].architecture, "Ada Lovelace");
    EXPECT(facts.gpus[0].has_minor && facts.gpus[0].minor == 1);
    EXPECT(facts.gpus[0].memory_bytes == 12282ULL << 20);
    EXPECT(facts.gpus[0].compute_major == 8 && facts.gpus[0].compute_minor == 9);
    EXPECT(facts.gpus[0].is_display_active && !facts.gpus[0].is_persistent);
    EXPECT(!facts.gpus[0].is_mig_enabled && !facts.gpus[0].is_lost);
}

TEST(keeps_a_domain_of_more_than_four_digits)
{
    nvb_auto_nvml_facts facts = { 0 };

    read_facts(double_new, two_gpus, &facts);
    EXPECT_STR(facts.gpus[1].pci_address, "10000:01:00.0");
}

TEST(steps_over_the_holes_in_the_list_of_mig_devices)
{
    nvb_auto_nvml_facts facts = { 0 };

    read_facts(double_new, two_gpus, &facts);
    EXPECT(facts.gpus[1].is_mig_enabled && facts.gpus[1].n_migs == 2);
    EXPECT(facts.gpus[1].migs[0].index == 0 && facts.gpus[1].migs[1].index == 2);
    EXPECT(facts.gpus[1].migs[1].gi_id == 10 && facts.gpus[1].migs[1].ci_id == 1);
    EXPECT_STR(facts.gpus[1].migs[1].uuid, "MIG-y");
    EXPECT_STR(facts.gpus[1].migs[0].profile, "1g.5gb");
    EXPECT(!facts.gpus[1].migs[0].has_graphics && facts.gpus[1].migs[1].has_graphics);
    EXPECT(facts.gpus[1].migs[0].memory_bytes == 4864ULL << 20);
}

TEST(an_old_library_leaves_facts_unknown)
{
    nvb_auto_nvml_facts facts = { 0 };

    read_facts(double_old, two_gpus, &facts);
    EXPECT(facts.n_gpus == 2 && facts.cuda_version == 0);
    EXPECT_STR(facts.gpus[1].uuid, "GPU-b");
    EXPECT(facts.gpus[1].compute_major == 8 && facts.gpus[1].architecture == NULL);
    EXPECT(!facts.gpus[1].is_mig_enabled && facts.gpus[1].n_migs == 0);
}

TEST(no_gpu_is_an_answer)
{
    nvb_auto_nvml_facts facts = { 0 };

    read_facts(double_new, "driver 550.163.01\n", &facts);
    EXPECT(facts.n_gpus == 0);
    EXPECT_STR(facts.driver_version, "550.163.01");
}

TEST(one_lost_gpu_does_not_hide_the_others)
{
    nvb_auto_nvml_facts facts = { 0 };

    read_facts(double_new,
               "gpu 0000:01:00.0\nlost\ngpu 0000:02:00.0\ngone\n"
               "gpu 0000:03:00.0\nuuid GPU-c\nname X\nminor 2\n",
               &facts);
    EXPECT(facts.n_gpus == 3);
    EXPECT(facts.gpus[0].is_lost && facts.gpus[0].uuid == NULL);
    EXPECT_STR(facts.gpus[0].pci_address, "0000:01:00.0");
    EXPECT(facts.gpus[1].is_lost && facts.gpus[1].pci_address == NULL);
    EXPECT(!facts.gpus[2].is_lost && facts.gpus[2].minor == 2);
}

TEST(each_way_to_fail_has_its_kind_and_its_cure)
{
    static const struct {
        const char *answers;
        enum nvb_kind kind;
        const char *line;
        const char *hint;
    } rows[] = {
        {"init 4\n",    NVB_E_DENIED,      "may not use",   "nvidia-modprobe"     },
        { "init 9\n",   NVB_E_UNSUPPORTED, "not loaded",    "sudo modprobe nvidia"},
        { "init 12\n",  NVB_E_NOT_FOUND,   "is missing",    "install"             },
        { "init 15\n",  NVB_E_IO,          "fell off",      "xid"                 },
        { "init 18\n",  NVB_E_CONFLICT,    "two versions",  "sudo reboot"         },
        { "init 999\n", NVB_E_IO,          "unknown error", "modprobe nvidia_uvm" },
        { "init 77\n",  NVB_E_IO,          "(code 77)",     NULL                  },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        nvb_autoptr(nvb_host) host = open_host(prepare(double_new, rows[i].answers));
        struct nvb_nvml *nvml = NULL;
        nvb_auto_err err = { 0 };

        EXPECT(!nvb_nvml_open(host, &nvml, &err));
        EXPECT(nvml == NULL && err.kind == rows[i].kind);
        EXPECT(strstr(err.lines[0], rows[i].line) != NULL);
        EXPECT((rows[i].hint == NULL) == (err.hint == NULL));
        if (rows[i].hint && err.hint)
            EXPECT(strstr(err.hint, rows[i].hint) != NULL);
    }
}

static void copy_double(const char *tree, const char *path)
{
    nvb_autofree char *bytes = NULL;
    nvb_autofree char *full = nvb_xasprintf("%s/%s", tree, path);
    nvb_auto_err err = { 0 };
    size_t len = 0;

    tree_put(tree, path, "");
    EXPECT(nvb_read_file(-1, double_new, 16 << 20, &bytes, &len, &err));
    EXPECT(bytes && nvb_write_file(-1, full, bytes, len, 0644, &err));
}

/* The proof is the double's own file: when the library runs, it ends the program for the word. */
TEST(a_library_below_another_root_is_not_run)
{
    const char *tree = tree_new();
    nvb_autofree char *answers = nvb_xasprintf("%s/nvml", tree);
    nvb_autoptr(nvb_host) host = open_host(tree);
    struct nvb_nvml *nvml = NULL;
    nvb_auto_err err = { 0 };

    tree_put(tree, "nvml", "no-such-word\n");
    copy_double(tree, "usr/lib/libnvidia-ml.so.1");
    EXPECT(setenv("NVML_DOUBLE", answers, 1) == 0);
    EXPECT(unsetenv("NVBIND_NVML_LIBRARY") == 0 && setenv("NVBIND_NVML", "yes", 1) == 0);
    EXPECT(!nvb_nvml_is_allowed(host));
    EXPECT(!nvb_nvml_open(host, &nvml, &err));
    EXPECT(err.kind == NVB_E_DENIED && nvml == NULL);
    EXPECT(strstr(err.hint, "NVBIND_NVML=1") != NULL);
}

TEST(the_library_of_a_trusted_root_is_found_through_absolute_links)
{
    const char *tree = tree_new();
    nvb_autofree char *answers = nvb_xasprintf("%s/nvml", tree);
    nvb_autoptr(nvb_host) host = open_host(tree);
    nvb_autoptr(nvb_nvml) nvml = NULL;
    nvb_auto_err err = { 0 };
    nvb_auto_nvml_facts facts = { 0 };

    tree_put(tree, "nvml", two_gpus);
    copy_double(tree, "opt/driver/libnvidia-ml.so.570.86.16");
    tree_link(tree, "etc/alternatives/nvml", "/opt/driver/libnvidia-ml.so.570.86.16");
    tree_link(tree, "usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1", "/etc/alternatives/nvml");
    EXPECT(setenv("NVML_DOUBLE", answers, 1) == 0);
    EXPECT(unsetenv("NVBIND_NVML_LIBRARY") == 0 && setenv("NVBIND_NVML", "1", 1) == 0);
    EXPECT(nvb_nvml_open(host, &nvml, &err));
    EXPECT(nvml && nvb_nvml_read(nvml, &facts, &err) && facts.n_gpus == 2);
}

TEST(what_is_no_library_is_refused)
{
    const char *tree = tree_new();
    nvb_autoptr(nvb_host) host = open_host(tree);
    struct nvb_nvml *nvml = NULL;
    nvb_auto_err absent = { 0 };
    nvb_auto_err fifo = { 0 };
    nvb_auto_err text = { 0 };
    nvb_auto_err foreign = { 0 };

    EXPECT(unsetenv("NVBIND_NVML_LIBRARY") == 0 && setenv("NVBIND_NVML", "1", 1) == 0);
    EXPECT(!nvb_nvml_open(host, &nvml, &absent) && absent.kind == NVB_E_NOT_FOUND);
    tree_fifo(tree, "usr/lib64/libnvidia-ml.so.1");
    EXPECT(!nvb_nvml_open(host, &nvml, &fifo) && fifo.kind == NVB_E_NOT_FOUND);
    tree_put(tree, "usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1", "#!/bin/sh\n");
    EXPECT(!nvb_nvml_open(host, &nvml, &text) && text.kind == NVB_E_UNSUPPORTED);
    EXPECT(setenv("NVBIND_NVML_LIBRARY", "/lib/x86_64-linux-gnu/libm.so.6", 1) == 0);
    EXPECT(!nvb_nvml_open(host, &nvml, &foreign) &&
           (foreign.kind == NVB_E_UNSUPPORTED || foreign.kind == NVB_E_NOT_FOUND));
}

/* A GPU as /proc and sysfs tell of it. */
static struct nvb_gpu *add_gpu(struct nvb_gpus *gpus, const char *address, const char *driver)
{
    struct nvb_gpu *gpu = NULL;

    gpus->items = nvb_xrealloc(gpus->items, gpus->n + 1, sizeof(*gpus->items));
    gpu = &gpus->items[gpus->n++];
    *gpu = (struct nvb_gpu){ .vendor = NVB_GPU_NVIDIA,
                             .name = nvb_xstrdup("as /proc says"),
                             .pci_address = nvb_xstrdup(address),
                             .driver = nvb_xstrdup(driver) };
    return gpu;
}

TEST(merges_by_address_and_leaves_other_gpus_alone)
{
    struct nvb_gpus gpus = { 0 };
    nvb_auto_nvml_facts facts = { 0 };
    struct nvb_gpu *known = NULL;

    (void)add_gpu(&gpus, "0000:00:02.0", "i915");
    known = add_gpu(&gpus, "10000:01:00.0", "nvidia");
    known->migs = nvb_xcalloc(1, sizeof(*known->migs));
    known->n_migs = 1;
    known->migs[0] = (struct nvb_mig){ .gi_id = 10, .ci_id = 1, .gi_node = nvb_xstrdup("cap") };
    read_facts(double_new, two_gpus, &facts);
    nvb_gpus_add_nvml(&gpus, &facts);
    EXPECT(!gpus.items[0].has_nvml);
    EXPECT_STR(gpus.items[0].name, "as /proc says");
    EXPECT(gpus.items[1].has_nvml && gpus.items[1].vendor_index == 1 && gpus.items[1].minor == 0);
    EXPECT_STR(gpus.items[1].name, "NVIDIA A100");
    EXPECT(gpus.items[1].n_migs == 2 && gpus.items[1].migs[0].gi_node == NULL);
    EXPECT_STR(gpus.items[1].migs[1].gi_node, "cap");
    EXPECT_STR(gpus.items[1].migs[1].uuid, "MIG-y");
    nvb_gpus_clear(&gpus);
}

TEST(places_a_lost_gpu_only_when_there_is_no_doubt)
{
    static const char answers[] = "gpu 0000:01:00.0\nuuid GPU-a\nname A\ngpu 0000:02:00.0\ngone\n";
    struct nvb_gpus sure = { 0 };
    struct nvb_gpus unsure = { 0 };
    nvb_auto_nvml_facts facts = { 0 };

    read_facts(double_new, answers, &facts);
    (void)add_gpu(&sure, "0000:01:00.0", "nvidia");
    (void)add_gpu(&sure, "0000:02:00.0", "nvidia");
    (void)add_gpu(&sure, "0000:03:00.0", "vfio-pci");
    (void)add_gpu(&unsure, "0000:01:00.0", "nvidia");
    (void)add_gpu(&unsure, "0000:02:00.0", "nvidia");
    (void)add_gpu(&unsure, "0000:03:00.0", "nvidia");
    nvb_gpus_add_nvml(&sure, &facts);
    nvb_gpus_add_nvml(&unsure, &facts);
    EXPECT(!sure.items[0].is_lost && sure.items[1].is_lost && !sure.items[2].is_lost);
    EXPECT_STR(sure.items[1].name, "as /proc says");
    for (size_t i = 0; i < unsure.n; i++)
        EXPECT(!unsure.items[i].is_lost);
    nvb_gpus_clear(&sure);
    nvb_gpus_clear(&unsure);
}

TEST(finds_a_gpu_by_its_address)
{
    nvb_autoptr(nvb_host) host = open_host(prepare(double_new, two_gpus));
    nvb_autoptr(nvb_nvml) nvml = NULL;
    nvb_auto_err err = { 0 };

    EXPECT(nvb_nvml_open(host, &nvml, &err));
    EXPECT(nvb_nvml_find(nvml, "0000:0f:00.0") != NULL);
    EXPECT(nvb_nvml_find(nvml, "0000:10:00.0") == NULL && nvb_nvml_find(nvml, NULL) == NULL);
}
