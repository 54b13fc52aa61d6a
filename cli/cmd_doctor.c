/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "check.h"
#include "cmd.h"
#include "host/pci_ids.h"

struct options {
    bool as_json;
    const char *root;
};

static const struct opt opts[] = {
    OPT_JSON(offsetof(struct options, as_json)),
    OPT_ROOT(offsetof(struct options, root)),
    { .type = OPT_END },
};

static const struct check checks[] = {
    {"kernel",           check_kernel       },
    { "user-namespaces", check_userns       },
    { "overlay",         check_overlay      },
    { "subordinate-ids", check_ids          },
    { "seccomp",         check_seccomp      },
    { "cgroup",          check_cgroup       },
    { "leftovers",       check_leftovers    },
    { "selinux",         check_selinux      },
    { "gpu",             check_gpu          },
    { "gpu-nodes",       check_gpu_nodes    },
    { "gpu-access",      check_gpu_access   },
    { "nvidia-nodes",    check_nvidia_nodes },
    { "nvidia-majors",   check_nvidia_majors},
    { "nvidia-driver",   check_nvidia_driver},
    { "nvml",            check_nvml         },
    { "gpu-lost",        check_gpu_lost     },
    { "mig",             check_mig          },
    { "nouveau",         check_nouveau      },
    { "vulkan",          check_vulkan       },
    { "libraries-32",    check_libraries_32 },
    { "driver-view",     check_driver_view  },
    { "cdi",             check_cdi          },
    { "lavapipe",        check_lavapipe     },
    { "open-files",      check_open_files   },
    { "map-count",       check_map_count    },
    { "ntsync",          check_ntsync       },
    { "display",         check_display      },
};

enum {
    N_CHECKS = sizeof(checks) / sizeof(checks[0]),
    N_VERDICTS = VERDICT_FAIL + 1,
};

static const char *const verdict_names[N_VERDICTS] = {
    [VERDICT_NONE] = "none",
    [VERDICT_OK] = "ok",
    [VERDICT_WARN] = "warn",
    [VERDICT_FAIL] = "fail",
};

NVB_PRINTF(1, 0) static char *format(const char *fmt, va_list ap)
{
    char *text = NULL;

    if (vasprintf(&text, fmt, ap) < 0)
        abort();
    return text;
}

void finding_say(struct finding *f, enum verdict verdict, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    free(f->text);
    f->text = format(fmt, ap);
    f->verdict = verdict;
    va_end(ap);
}

void finding_fix(struct finding *f, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    free(f->fix);
    f->fix = format(fmt, ap);
    va_end(ap);
}

void finding_clear(struct finding *f)
{
    free(f->text);
    free(f->fix);
    *f = (struct finding){ 0 };
}

static void print_finding(const char *name, const struct finding *f)
{
    printf("%-5s %-16s %s\n", verdict_names[f->verdict], name, f->text);
    if (f->fix)
        printf("      %-16s fix: %s\n", "", f->fix);
}

static struct nvb_json *finding_to_json(const char *name, const struct finding *f)
{
    struct nvb_json *json = nvb_json_new_object();

    nvb_json_set_str(json, "name", name);
    nvb_json_set_str(json, "verdict", verdict_names[f->verdict]);
    nvb_json_set_str(json, "text", f->text);
    nvb_json_set_str(json, "fix", f->fix);
    return json;
}

static void count(const struct finding *findings, unsigned n[N_VERDICTS])
{
    for (size_t i = 0; i < N_CHECKS; i++)
        n[findings[i].verdict]++;
}

static void print_text(const struct finding *findings)
{
    unsigned n[N_VERDICTS] = { 0 };

    count(findings, n);
    for (size_t i = 0; i < N_CHECKS; i++) {
        if (findings[i].verdict != VERDICT_NONE)
            print_finding(checks[i].name, &findings[i]);
    }
    printf("%u ok, %u warn, %u fail\n", n[VERDICT_OK], n[VERDICT_WARN], n[VERDICT_FAIL]);
}

static void print_as_json(const struct finding *findings)
{
    nvb_autoptr(nvb_json) json = nvb_json_new_object();
    struct nvb_json *list = nvb_json_new_array();
    unsigned n[N_VERDICTS] = { 0 };

    count(findings, n);
    for (size_t i = 0; i < N_CHECKS; i++) {
        if (findings[i].verdict != VERDICT_NONE)
            nvb_json_append(list, finding_to_json(checks[i].name, &findings[i]));
    }
    nvb_json_set(json, "checks", list);
    for (size_t v = VERDICT_OK; v < N_VERDICTS; v++)
        nvb_json_set_u64(json, verdict_names[v], n[v]);
    nvb_json_print(json, stdout);
}

/* Runs every check and prints; true when none failed. */
static bool examine(const struct machine *machine, bool as_json)
{
    struct finding findings[N_CHECKS] = { 0 };
    bool is_well = true;

    for (size_t i = 0; i < N_CHECKS; i++) {
        checks[i].look(machine, &findings[i]);
        is_well = is_well && findings[i].verdict != VERDICT_FAIL;
    }
    if (as_json) {
        print_as_json(findings);
    } else {
        print_text(findings);
    }
    for (size_t i = 0; i < N_CHECKS; i++)
        finding_clear(&findings[i]);
    return is_well;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    auto_machine machine = { 0 };
    nvb_auto_err err = { 0 };
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, &o, NULL, &status))
        return status;
    if (!machine_look(o.root, &machine, &err))
        return cmd_complain(&err, o.as_json);
    machine_ask_nvml(&machine);
    nvb_pci_ids_name_gpus(machine.host, &machine.gpus);
    return examine(&machine, o.as_json) ? EXIT_SUCCESS : EXIT_FAILURE;
}

const struct cmd cmd_doctor = {
    .name = "nvbind doctor",
    .summary = "check what containers, GPUs and games need, and tell how to mend it",
    .details = "Each check is ok, warn or fail; the exit status is 1 when any failed.",
    .opts = opts,
    .run = run,
};
