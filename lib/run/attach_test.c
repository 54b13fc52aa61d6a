/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/attach.h"

#include "host/host.h"
#include "image/host_image.h"
#include "resolve/plan.h"
#include "run/bolt.h"
#include "test.h"

NVB_DEFINE_AUTOPTR(nvb_request, nvb_request_free)

/* The exit status of a shell script in a container with these edits, or -1. */
static int run_with(const struct nvb_edits *edits, const char *script)
{
    nvb_autoptr(nvb_request) request = nvb_request_new();
    nvb_autoptr(nvb_host) host = NULL;
    nvb_autoptr(nvb_plan) plan = NULL;
    nvb_autoptr(nvb_container) c = NULL;
    nvb_auto_strv env = { 0 };
    nvb_auto_err err = { 0 };
    struct nvb_run_result result = { 0 };
    int status = -1;

    request->image = nvb_xstrdup("host");
    request->command = nvb_xcalloc(4, sizeof(*request->command));
    request->command[request->n_command++] = nvb_xstrdup("/bin/sh");
    request->command[request->n_command++] = nvb_xstrdup("-c");
    request->command[request->n_command++] = nvb_xstrdup(script);
    if (nvb_host_open("/", &host, &err) &&
        nvb_plan_make(request, NULL, host, NULL, &env, &plan, &err)) {
        nvb_edits_append(&plan->edits, edits);
        c = nvb_container_new(plan);
        if (nvb_host_image_compose(host, c, &err) && nvb_bolt_run(c, NULL, &result, &err))
            status = result.exit_status;
    }
    if (status < 0)
        nvb_err_print(&err, "attach", stdout);
    nvb_run_result_clear(&result);
    return status;
}

TEST(a_file_of_the_kernel_is_covered_and_cannot_be_written)
{
    nvb_auto_edits edits = { 0 };

    nvb_edits_add_file(&edits, "/proc/uptime", "covered\n", 8, 0444);
    EXPECT(run_with(&edits, "read w </proc/uptime; test \"$w\" = covered || exit 1; "
                            "(echo x >/proc/uptime) 2>/dev/null && exit 2; exit 0") == 0);
}

TEST(what_the_kernel_does_not_have_needs_no_cover)
{
    nvb_auto_edits edits = { 0 };

    nvb_edits_add_file(&edits, "/proc/no/such/file", "x", 1, 0444);
    EXPECT(run_with(&edits, "test ! -e /proc/no") == 0);
}

TEST(a_link_stands_in_and_outside_of_the_layers)
{
    nvb_auto_edits edits = { 0 };

    nvb_edits_add_link(&edits, "/usr/lib/made/for/test", "/some/where");
    nvb_edits_add_link(&edits, "/run/made/test", "/else/where");
    EXPECT(run_with(&edits, "test $(readlink /usr/lib/made/for/test) = /some/where && "
                            "test $(readlink /run/made/test) = /else/where") == 0);
}
