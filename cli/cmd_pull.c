/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cmd.h"
#include "image/manifest.h"
#include "image/reference.h"
#include "pull_display.h"
#include "say.h"

enum {
    EXIT_INTERRUPTED = 130,
};

struct options {
    const char *platform;
    bool is_quiet;
    bool as_json;
};

static const struct opt opts[] = {
    {OPT_STRING,                                            0, "platform", "OS/ARCH", "what the image is for, when it is not this machine",
     offsetof(struct options, platform), NULL },
    { OPT_FLAG,                                           'q', "quiet", NULL, "say nothing but the answer",
     offsetof(struct options, is_quiet), NULL },
    OPT_JSON(offsetof(struct options, as_json)),
    { .type = OPT_END},
};

static void print_as_json(const struct nvb_pull_result *result, const struct nvb_strv *notes)
{
    nvb_autoptr(nvb_json) json = nvb_json_new_object();

    nvb_json_set_str(json, "name", result->name);
    nvb_json_set_str(json, "digest", result->digest);
    nvb_json_set_u64(json, "layers", result->n_layers);
    nvb_json_set_u64(json, "fetched", result->n_fetched);
    nvb_json_set_u64(json, "bytes", result->size_bytes);
    nvb_json_set(json, "notes", nvb_json_new_strv(notes));
    nvb_json_print(json, stdout);
}

/* A name that stays this image: "docker.io/library/ubuntu@sha256:...". */
static void print_pinned(const struct nvb_pull_result *result)
{
    nvb_auto_reference reference = { 0 };
    nvb_autofree char *name = NULL;
    nvb_auto_err ignored = { 0 };

    if (nvb_reference_parse(result->name, &reference, &ignored))
        name = nvb_reference_dup_name(&reference, false);
    say(stdout, "%s@%s", name ? name : result->name, result->digest);
}

/* What is wrong with the command's words is told before anybody is asked. */
static bool check_words(const char *name, const struct options *o, struct nvb_err *err)
{
    nvb_auto_reference reference = { 0 };
    struct nvb_platform platform;
    nvb_autofree char *storage = NULL;

    return nvb_reference_parse(name, &reference, err) &&
           (!o->platform || nvb_platform_parse(o->platform, &platform, &storage, err));
}

static int pull(const char *name, const struct options *o)
{
    const struct pull_options options = { .platform = o->platform,
                                          .is_quiet = o->is_quiet || o->as_json };
    nvb_auto_pull_result result = { 0 };
    nvb_auto_strv notes = { 0 };
    nvb_auto_err err = { 0 };
    bool is_stopped = false;

    if (!check_words(name, o, &err)) {
        err.domain = NVB_D_REQUEST;
        return cmd_complain(&err, o->as_json);
    }
    if (!pull_with_display(name, &options, &result, o->as_json ? &notes : NULL, &is_stopped,
                           &err)) {
        if (is_stopped)
            return EXIT_INTERRUPTED;
        (void)cmd_complain(&err, o->as_json); /* what a registry sends is nobody's word here */
        return EXIT_FAILURE;
    }
    if (o->as_json) {
        print_as_json(&result, &notes);
    } else {
        print_pinned(&result);
    }
    return EXIT_SUCCESS;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    char **words = NULL;
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, &o, &words, &status))
        return status;
    return pull(words[0], &o);
}

const struct cmd cmd_pull = {
    .name = "nvbind pull",
    .operands = "IMAGE",
    .summary = "get an image from a registry",
    .details =
        "IMAGE is [REGISTRY/]NAME[:TAG][@DIGEST]; without a registry it is docker.io's. What is here\n"
        "already is not downloaded again, and the rest of a large layer is enough after a download that\n"
        "ended early. The answer is the image's name with its digest.\n"
        "\n"
        "Logins are docker's and podman's (docker login, podman login). Mirrors, registries without\n"
        "TLS and own certificates are configured in /etc/nvbind/config.toml or\n"
        "~/.config/nvbind/config.toml; docs/registries.md has the keys.",
    .opts = opts,
    .run = run,
};
