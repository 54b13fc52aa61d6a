/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* fuzz_runtime_spec.c - what must hold for every config.json that nvbind-runtime takes: its root and
 * its hooks have paths, its process has a program, what is asked of a cgroup names files without a
 * way out of their directory, and written down and read again it is taken again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "group_devices.h"
#include "group_limits.h"
#include "spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_settings(const struct spec *spec, bool is_v2)
{
    struct group_settings settings = { 0 };
    nvb_auto_err err = { 0 };
    bool ok = is_v2 ? group_limits_v2(spec->resources, &settings, &err)
                    : group_limits_v1(spec->resources, &settings, &err);

    for (size_t i = 0; ok && i < settings.n; i++)
        must(!strchr(settings.items[i].file, '/'));
    must(ok == (err.n_lines == 0));
    group_settings_clear(&settings);
}

static void check(const struct spec *spec)
{
    struct group_device_rules rules = { 0 };
    struct bpf_insn *program = NULL;
    nvb_auto_err err = { 0 };

    must(spec->root_path && *spec->root_path);
    must(!spec->process.is_there || spec->process.args.n > 0);
    must(spec->process.cwd[0] == '/');
    for (size_t m = 0; m < SPEC_HOOK_MOMENTS; m++) {
        for (size_t i = 0; i < spec->hooks[m].n; i++)
            must(spec->hooks[m].items[i].path[0] == '/');
    }
    (void)spec_find_unusual(spec);
    check_settings(spec, false);
    check_settings(spec, true);
    if (group_devices_read(spec->resources, &rules, &err))
        must(group_devices_compile(&rules, &program) > 0);
    free(program);
    group_devices_clear(&rules);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    nvb_autoptr(spec) spec = NULL;
    nvb_autoptr(spec) again = NULL;
    nvb_autofree char *text = NULL;
    nvb_auto_err err = { 0 };

    if (!spec_parse((const char *)data, size, &spec, &err))
        return 0;
    check(spec);
    text = nvb_json_dup_text(spec->json, false);
    must(spec_parse(text, strlen(text), &again, &err));
    must(again->n_mounts == spec->n_mounts && again->n_devices == spec->n_devices);
    return 0;
}
