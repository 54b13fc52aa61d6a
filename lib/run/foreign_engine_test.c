/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/foreign_engine.h"

#include <string.h>

#include "test.h"

static struct nvb_request *new_request(const char *image)
{
    struct nvb_request *r = nvb_request_new();

    r->image = nvb_xstrdup(image);
    return r;
}

TEST(knows_two_engines)
{
    EXPECT(nvb_foreign_engine_find("podman") && nvb_foreign_engine_find("docker"));
    EXPECT(!nvb_foreign_engine_find("bolt") && !nvb_foreign_engine_find(""));
}

TEST(says_a_request_in_the_engines_words)
{
    struct nvb_request *r = new_request("debian");
    nvb_auto_edits edits = { 0 };
    nvb_auto_strv cdi = { 0 };
    nvb_auto_strv line = { 0 };
    nvb_auto_strv warnings = { 0 };
    nvb_auto_err err = { 0 };
    nvb_autofree char *text = NULL;

    r->memory_bytes = 1 << 20;
    r->cpu_millis = 1500;
    r->has_tty = true;
    r->network = NVB_NETWORK_INTERNET;
    EXPECT(nvb_request_add_volume(r, "/a:/b:ro", &err) && nvb_request_add_env(r, "A=b", &err));
    nvb_strv_add(&cdi, "nvidia.com/gpu=0");
    nvb_edits_add_node(&edits, "/dev/dri/renderD128");
    (void)nvb_edits_add_bind(&edits, "/usr/lib/x", "/usr/lib/x");
    nvb_edits_add_file(&edits, "/etc/made", "x", 1, 0644);
    EXPECT(nvb_foreign_engine_make_line(nvb_foreign_engine_find("podman"), r, &cdi, &edits, &line,
                                        &warnings, &err));
    text = nvb_strv_join(&line, " ");
    EXPECT_STR(text, "podman run --rm --security-opt no-new-privileges --memory 1048576 "
                     "--memory-swap 1048576 --cpus 1.500 --device nvidia.com/gpu=0 "
                     "--device /dev/dri/renderD128:/dev/dri/renderD128:rw "
                     "--volume /usr/lib/x:/usr/lib/x:ro --volume /a:/b:ro --tty --env A=b debian");
    EXPECT(warnings.n == 2);
    nvb_request_free(r);
}

TEST(refuses_what_only_bolt_has)
{
    struct nvb_request *r = new_request("host");
    const struct nvb_edits none = { 0 };
    const struct nvb_strv no_names = { 0 };
    nvb_auto_strv line = { 0 };
    nvb_auto_strv warnings = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(!nvb_foreign_engine_make_line(nvb_foreign_engine_find("docker"), r, &no_names, &none,
                                         &line, &warnings, &err));
    EXPECT_STR(err.lines[0], "image 'host' cannot be had from docker");
    EXPECT(line.n == 0);
    nvb_request_free(r);
}
