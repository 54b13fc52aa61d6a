/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "cmd.h"
#include "image/store.h"

struct options {
    bool as_json;
};

static const struct opt opts[] = {
    OPT_JSON(offsetof(struct options, as_json)),
    { .type = OPT_END },
};

static bool tag(const char *image, const char *name, struct nvb_err *err)
{
    nvb_autoptr(nvb_store) store = NULL;
    nvb_auto_reference reference = { 0 };
    char digest[NVB_DIGEST_SIZE];

    if (!nvb_reference_parse(name, &reference, err))
        return false;
    if (reference.digest) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "'%s' has a digest", name);
        return nvb_hint(err, "a name that you give has a tag at most: app:1");
    }
    return nvb_store_open(NULL, NVB_STORE_READ, &store, err) &&
           nvb_store_find(store, image, digest, err) &&
           nvb_store_set_ref(store, &reference, digest, err);
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    char **words = NULL;
    nvb_auto_err err = { 0 };
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, &o, &words, &status))
        return status;
    return tag(words[0], words[1], &err) ? EXIT_SUCCESS : cmd_complain(&err, o.as_json);
}

const struct cmd cmd_tag = {
    .name = "nvbind tag",
    .operands = "IMAGE NAME",
    .summary = "give an image another name",
    .details =
        "IMAGE is a name, or at least 4 digits of an id. A name that another image had moves to\n"
        "this one.",
    .opts = opts,
    .run = run,
};
