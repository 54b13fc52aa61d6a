/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/bolt.h"

#include <string.h>

#include "cdi/spec.h"
#include "test.h"

static void expect_refused(const char *edits, const char *wanted)
{
    nvb_autofree char *text =
        nvb_xasprintf("{\"cdiVersion\":\"1.1.0\",\"kind\":\"v/c\",\"devices\":[{\"name\":\"d\","
                      "\"containerEdits\":%s}]}",
                      edits);
    nvb_autoptr(nvb_cdi_spec) spec = NULL;
    nvb_autoptr(nvb_container) container = nvb_xcalloc(1, sizeof(*container));
    struct nvb_run_result result = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(nvb_cdi_spec_parse(text, strlen(text), "edits", &spec, &err));
    nvb_edits_append(&container->edits, &spec->devices[0].edits);
    EXPECT(!nvb_bolt_run(container, NULL, &result, &err));
    EXPECT(err.kind == NVB_E_UNSUPPORTED);
    EXPECT_STR(err.lines[0], wanted);
    nvb_run_result_clear(&result);
}

TEST(refuses_what_it_cannot_give_a_container)
{
    expect_refused("{\"hooks\":[{\"hookName\":\"prestart\",\"path\":\"/bin/true\"}]}",
                   "bolt cannot give a container hooks");
    expect_refused("{\"netDevices\":[{\"hostInterfaceName\":\"a\",\"name\":\"b\"}]}",
                   "bolt cannot give a container network devices");
    expect_refused("{\"intelRdt\":{\"closID\":\"a\"}}", "bolt cannot give a container Intel RDT");
    expect_refused(
        "{\"mounts\":[{\"hostPath\":\"x\",\"containerPath\":\"/t\",\"type\":\"tmpfs\"}]}",
        "bolt cannot give a container file systems other than binds");
}
