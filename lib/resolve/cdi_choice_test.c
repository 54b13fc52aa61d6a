/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "resolve/cdi_choice.h"

#include <string.h>

#include "machine.h"
#include "resolve/gpu_choice.h"
#include "test.h"
#include "tree.h"

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* A specification of one device "0" of a kind; `edits` and `common` are the members of an object. */
static void put_spec(const char *tree,
                     const char *path,
                     const char *kind,
                     const char *edits,
                     const char *common)
{
    nvb_autofree char *text =
        nvb_xasprintf("{\"cdiVersion\":\"1.1.0\",\"kind\":\"%s\",\"devices\":[{\"name\":\"0\","
                      "\"containerEdits\":{%s}}],\"containerEdits\":{%s}}",
                      kind, edits, common);

    tree_put(tree, path, text);
}

/* Choose; the plan is yours, its warnings and reasons are worth a look. NULL with the error set. */
static struct nvb_plan *choose(const char *tree, const char *const *words, struct nvb_err *err)
{
    static struct nvb_request *request; /* the plan borrows it; freed with the test's process */
    nvb_autoptr(nvb_host) host = NULL;
    nvb_autoptr(nvb_plan) plan = nvb_xcalloc(1, sizeof(*plan));

    nvb_request_free(request);
    request = nvb_request_new();
    EXPECT(nvb_host_open(tree, &host, err));
    for (; *words; words++)
        nvb_request_add_gpu(request, *words);
    plan->request = request;
    if (!nvb_gpu_choose(plan, host, err))
        return NULL;
    return nvb_steal(&plan);
}

/* What a refusal says: the cause, the outermost line, the advice. */
static void expect_refused(const char *tree, const char *word, enum nvb_kind kind, const char *told)
{
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_plan) plan = choose(tree, WORDS(word), &err);
    nvb_autofree char *got = NULL;

    EXPECT(plan == NULL && err.n_lines > 0);
    got = nvb_xasprintf("%s / %s / %s", err.lines[0],
                        err.n_lines > 1 ? err.lines[err.n_lines - 1] : "", err.hint);
    EXPECT_STR(got, told);
    EXPECT(err.kind == kind);
}

static bool has_node(const struct nvb_plan *plan, const char *path)
{
    for (size_t i = 0; i < plan->edits.n_nodes; i++) {
        if (strcmp(plan->edits.nodes[i].path, path) == 0)
            return true;
    }
    return false;
}

static bool has_start(const struct nvb_strv *lines, const char *start)
{
    for (size_t i = 0; i < lines->n; i++) {
        if (nvb_has_prefix(lines->items[i], start))
            return true;
    }
    return false;
}

TEST(a_device_brings_its_own_edits_and_the_common_ones)
{
    const char *tree = tree_new();
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_plan) plan = NULL;

    tree_put(tree, "dev/x0", "");
    tree_put(tree, "dev/x-control", "");
    tree_put(tree, "opt/x/lib.so", "");
    put_spec(tree, "etc/cdi/x.json", "x.org/card",
             "\"deviceNodes\":[{\"path\":\"/dev/card\",\"hostPath\":\"/dev/x0\"}]",
             "\"deviceNodes\":[{\"path\":\"/dev/x-control\"}],\"env\":[\"X=1\"],\"mounts\":["
             "{\"hostPath\":\"/opt/x/lib.so\",\"containerPath\":\"/opt/deep/er/lib.so\"},"
             "{\"hostPath\":\"/opt/x\",\"containerPath\":\"/opt/deep\"}]");
    plan = choose(tree, WORDS("x.org/card=0", "x.org/card=0"), &err);
    EXPECT(plan && plan->edits.n_nodes == 2 && plan->edits.n_mounts == 2);
    EXPECT(has_node(plan, "/dev/card") && has_node(plan, "/dev/x-control"));
    EXPECT_STR(plan->edits.mounts[0].container_path, "/opt/deep"); /* or it would hide the other */
    EXPECT_STR(nvb_env_get(&plan->edits.env, "X"), "1");
    EXPECT(plan->gpus.n == 0 && plan->warnings.n == 0 && plan->cdi.n == 1);
    EXPECT_STR(plan->cdi.items[0], "x.org/card=0 /etc/cdi/x.json");
    EXPECT(has_start(&plan->reasons, "device: x.org/card=0 as '/etc/cdi/x.json' has it"));
}

TEST(names_and_plain_words_go_together)
{
    const char *tree = tree_new();
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_plan) plan = NULL;

    machine_gpu(tree, "0000:00:02.0", "0x8086\n", "0x46a6\n", "i915", 0);
    tree_put(tree, "dev/x0", "");
    put_spec(tree, "run/cdi/x.json", "x.org/card", "\"deviceNodes\":[{\"path\":\"/dev/x0\"}]", "");
    plan = choose(tree, WORDS("x.org/card=0", "0"), &err);
    EXPECT(plan && plan->gpus.n == 1 && plan->edits.n_nodes == 2);
    EXPECT(has_node(plan, "/dev/x0") && has_node(plan, "/dev/dri/renderD128"));
    expect_refused(tree, "x.org/card=1", NVB_E_NOT_FOUND,
                   "no specification has a device 'x.org/card=1' /  / did you mean 'x.org/card=0'? "
                   "there are: x.org/card=0");
    EXPECT(choose(tree, WORDS("x.org/card=0", "none"), &err) == NULL);
}

TEST(without_a_file_the_gpus_found_answer_to_their_names)
{
    static const char *const names[] = { "nvidia.com/gpu=1", "nvidia.com/gpu=gpu1",
                                         "nvidia.com/gpu=GPU-1" };
    const char *tree = tree_new();

    machine_gpu(tree, "0000:00:02.0", "0x8086\n", "0x46a6\n", "i915", 2);
    machine_nvidia(tree);
    machine_nvidia_gpu(tree, "0000:01:00.0", 0);
    machine_nvidia_gpu(tree, "0000:41:00.0", 1);
    for (size_t i = 0; i < 3; i++) {
        nvb_auto_err err = { 0 };
        nvb_autoptr(nvb_plan) plan = choose(tree, WORDS(names[i]), &err);

        EXPECT(plan && plan->gpus.n == 1 && plan->cdi.n == 0);
        EXPECT_STR(plan->gpus.items[0].pci_address, "0000:41:00.0");
        EXPECT(has_start(&plan->reasons, "device: nvidia.com/gpu="));
    }
    {
        nvb_auto_err err = { 0 };
        nvb_autoptr(nvb_plan) plan =
            choose(tree, WORDS("nvidia.com/gpu=all", "nvidia.com/gpu=0", "intel.com/gpu=0"), &err);

        EXPECT(plan && plan->gpus.n == 3);
    }
    expect_refused(tree, "nvidia.com/gpu=2", NVB_E_NOT_FOUND,
                   "no specification has a device 'nvidia.com/gpu=2', and nvbind finds no such GPU "
                   "itself /  / choose one of: nvidia.com/gpu=0, nvidia.com/gpu=1, "
                   "nvidia.com/gpu=all");
    expect_refused(tree, "amd.com/gpu=all", NVB_E_NOT_FOUND,
                   "no specification has a device 'amd.com/gpu=all', and nvbind finds no such GPU "
                   "itself /  / nvbind info tells which GPUs there are, nvbind cdi list which "
                   "devices");
    expect_refused(tree, "nvidia.com/net=0", NVB_E_NOT_FOUND,
                   "no specification has a device 'nvidia.com/net=0' /  / there is no "
                   "specification of a device; nvbind cdi generate writes one of GPUs");
}

/* Who left a GPU out of the file may have meant it. */
TEST(a_kind_that_a_file_has_is_the_files_to_answer)
{
    const char *tree = tree_new();

    machine_nvidia(tree);
    machine_nvidia_gpu(tree, "0000:01:00.0", 0);
    machine_nvidia_gpu(tree, "0000:41:00.0", 1);
    put_spec(tree, "etc/cdi/n.json", "nvidia.com/gpu",
             "\"deviceNodes\":[{\"path\":\"/dev/nvidia0\"}]", "");
    expect_refused(tree, "nvidia.com/gpu=1", NVB_E_NOT_FOUND,
                   "no specification has a device 'nvidia.com/gpu=1' /  / did you mean "
                   "'nvidia.com/gpu=0'? there are: nvidia.com/gpu=0");
}

TEST(a_broken_file_is_named_when_it_may_have_had_the_answer)
{
    const char *tree = tree_new();
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_plan) plan = NULL;

    machine_nvidia(tree);
    machine_nvidia_gpu(tree, "0000:01:00.0", 0);
    tree_put(tree, "etc/cdi/n.json", "{");
    plan = choose(tree, WORDS("nvidia.com/gpu=0"), &err);
    EXPECT(plan && plan->gpus.n == 1);
    EXPECT(has_start(&plan->warnings, "nvidia.com/gpu=0 is what nvbind itself finds; "
                                      "'/etc/cdi/n.json' cannot be used: /etc/cdi/n.json:1: "));
    expect_refused(tree, "x.org/card=0", NVB_E_NOT_FOUND,
                   "no specification has a device 'x.org/card=0' /  / mend '/etc/cdi/n.json' "
                   "first: /etc/cdi/n.json:1: the text ends where a key in quotes belongs");
}

TEST(two_files_of_a_directory_are_a_conflict)
{
    const char *tree = tree_new();

    put_spec(tree, "etc/cdi/a.json", "x.org/card", "\"env\":[\"A=1\"]", "");
    put_spec(tree, "etc/cdi/b.yaml", "x.org/card", "\"env\":[\"A=2\"]", "");
    expect_refused(tree, "x.org/card=0", NVB_E_CONFLICT,
                   "'x.org/card=0' is defined by more than one file of a directory: "
                   "'/etc/cdi/a.json' and '/etc/cdi/b.yaml' /  / take the device out of one of the "
                   "two files");
}

#define CANNOT "device 'x.org/card=0' of '/etc/cdi/x.json' cannot be given"
#define ELSEWHERE \
    "make the specification anew with what made it; 'nvbind cdi check' tells all that is stale"

TEST(what_bolt_does_not_do_is_refused_by_name)
{
    static const struct {
        const char *edits;
        const char *told;
    } rows[] = {
        {"\"hooks\":[{\"hookName\":\"createContainer\",\"path\":\"/usr/bin/a\"}]",
         "it wants the hook '/usr/bin/a' run (createContainer), and bolt runs nothing on behalf of "
          "a container / " CANNOT
          " / podman and docker run hooks; or ask its maker for one without"               },
        { "\"netDevices\":[{\"hostInterfaceName\":\"eth7\",\"name\":\"eth0\"}]",
         "it wants the network device 'eth7', which bolt does not give / " CANNOT
          " / podman and docker can; or ask its maker for one without"                     },
        { "\"intelRdt\":{\"closID\":\"a\"}",
         "it wants a share of caches and memory bandwidth (intelRdt), which bolt does not give / " CANNOT
          " / podman and docker can; or ask its maker for one without"                     },
        { "\"mounts\":[{\"hostPath\":\"tmpfs\",\"containerPath\":\"/x\",\"type\":\"tmpfs\"}]",
         "it wants a file system of type 'tmpfs', which bolt does not give / " CANNOT
          " / podman and docker can; or ask its maker for one without"                     },
        { "\"deviceNodes\":[{\"path\":\"/dev/x0\",\"permissions\":\"r\"}]",
         "it gives node '/dev/x0' with permissions 'r' only, and bolt cannot hold a container to "
          "that / " CANNOT " / podman and docker can; or give it 'rw' in the specification"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *tree = tree_new();

        tree_put(tree, "dev/x0", "");
        put_spec(tree, "etc/cdi/x.json", "x.org/card", rows[i].edits, "");
        expect_refused(tree, "x.org/card=0", NVB_E_UNSUPPORTED, rows[i].told);
        put_spec(tree, "etc/cdi/x.json", "x.org/card", "\"env\":[\"A=1\"]", rows[i].edits);
        expect_refused(tree, "x.org/card=0", NVB_E_UNSUPPORTED, rows[i].told);
    }
}

TEST(nvidias_hooks_have_a_way_out)
{
    const char *tree = tree_new();

    put_spec(
        tree, "etc/cdi/nvidia.yaml", "nvidia.com/gpu", "\"env\":[\"A=1\"]",
        "\"hooks\":[{\"hookName\":\"createContainer\",\"path\":\"/usr/bin/nvidia-cdi-hook\"}]");
    expect_refused(tree, "nvidia.com/gpu=0", NVB_E_UNSUPPORTED,
                   "it wants the hook '/usr/bin/nvidia-cdi-hook' run (createContainer), and bolt "
                   "runs nothing on behalf of a container / device 'nvidia.com/gpu=0' of "
                   "'/etc/cdi/nvidia.yaml' cannot be given / write one without hooks in its place, "
                   "as root: nvbind cdi generate --output '/etc/cdi/nvidia.yaml'; or name the GPU "
                   "by its number: --gpu 0");
}

TEST(what_is_gone_names_the_device_and_the_file)
{
    const char *tree = tree_new();

    put_spec(tree, "etc/cdi/x.json", "x.org/card", "\"deviceNodes\":[{\"path\":\"/dev/x0\"}]", "");
    expect_refused(tree, "x.org/card=0", NVB_E_NOT_FOUND,
                   "device node '/dev/x0' is gone / " CANNOT " / " ELSEWHERE);
    tree_mkdir(tree, "dev/x0");
    expect_refused(tree, "x.org/card=0", NVB_E_CONFLICT,
                   "'/dev/x0' is no device node of its kind / " CANNOT " / " ELSEWHERE);
    put_spec(tree, "etc/cdi/x.json", "x.org/card", "\"env\":[\"A=1\"]",
             "\"mounts\":[{\"hostPath\":\"/opt/lib.so.1\",\"containerPath\":\"/x\"}]");
    expect_refused(tree, "x.org/card=0", NVB_E_NOT_FOUND,
                   "file '/opt/lib.so.1' is gone / " CANNOT " / " ELSEWHERE);
    tree_put(tree, "etc/cdi/x.json.nvbind", "{}");
    expect_refused(tree, "x.org/card=0", NVB_E_NOT_FOUND,
                   "file '/opt/lib.so.1' is gone / " CANNOT
                   " / make the specification anew, as root: nvbind cdi refresh");
}

TEST(what_is_done_otherwise_is_told)
{
    const char *tree = tree_new();
    nvb_auto_err err = { 0 };
    nvb_autoptr(nvb_plan) plan = NULL;

    tree_put(tree, "opt/x", "");
    put_spec(tree, "etc/cdi/a.json", "x.org/card", "\"env\":[\"A=1\",\"B=1\"]",
             "\"mounts\":[{\"hostPath\":\"/opt/x\",\"containerPath\":\"/x\",\"options\":[\"rw\","
             "\"rshared\",\"nosuid\"]}]");
    put_spec(tree, "etc/cdi/b.json", "x.org/net", "\"env\":[\"A=2\",\"B=1\"]", "");
    plan = choose(tree, WORDS("x.org/card=0", "x.org/net=0"), &err);
    EXPECT(plan && plan->warnings.n == 2);
    EXPECT_STR(plan->warnings.items[0],
               "x.org/card=0: '/x' is mounted without the option 'rshared'");
    EXPECT_STR(plan->warnings.items[1], "two of the devices set A; '2' is taken, not '1'");
    EXPECT_STR(nvb_env_get(&plan->edits.env, "A"), "2");
    EXPECT(plan->edits.mounts[0].is_writable);
}

TEST(words_that_are_no_names_are_refused_as_such)
{
    const char *tree = tree_new();

    expect_refused(tree, "nvidia.com/gpu", NVB_E_INVALID,
                   "'nvidia.com/gpu' is not a device name /  / write it as VENDOR/CLASS=NAME, for "
                   "example nvidia.com/gpu=0");
    EXPECT(nvb_cdi_is_name("a=b") && nvb_cdi_is_name("/") && !nvb_cdi_is_name("0000:01:00.0"));
}
