/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/import.h"

#include <string.h>
#include <unistd.h>

static struct nvb_json *
request_to_json(const char *path, const char *name, const struct nvb_import_options *options)
{
    struct nvb_json *request = nvb_json_new_object();

    nvb_json_set_str(request, "path", path);
    nvb_json_set_str(request, "name", name);
    nvb_json_set_str(request, "ref", options->ref);
    nvb_json_set_str(request, "platform", options->platform);
    nvb_json_set(request, "changes", nvb_json_new_strv(&options->changes));
    return request;
}

static bool
read_result(const struct nvb_json *done, struct nvb_import_result *out, struct nvb_err *err)
{
    const char *name = nvb_json_get_str(done, "name");
    const char *digest = nvb_json_get_str(done, "digest");

    if (!name || !digest || !nvb_digest_is_valid(digest) ||
        !nvb_json_read_u64(nvb_json_get(done, "layers"), &out->n_layers) ||
        !nvb_json_read_u64(nvb_json_get(done, "made"), &out->n_made))
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID,
                        "nvbind-fetch ended with a strange report");
    out->name = nvb_xstrdup(name);
    memcpy(out->digest, digest, NVB_DIGEST_SIZE);
    return true;
}

bool nvb_image_import(const char *path,
                      const char *name,
                      const struct nvb_import_options *options,
                      const struct nvb_fetch_watch *watch,
                      struct nvb_import_result *out,
                      struct nvb_err *err)
{
    nvb_autoptr(nvb_json) request = request_to_json(path, name, options);
    nvb_autoptr(nvb_json) done = NULL;
    struct nvb_fetch_watch report = watch ? *watch : (struct nvb_fetch_watch){ 0 };

    report.has_given = strcmp(path, "-") == 0;
    report.given = STDIN_FILENO;
    return nvb_fetcher_run("import", request, &report, &done, err) && read_result(done, out, err);
}

void nvb_import_result_clear(struct nvb_import_result *result)
{
    free(result->name);
    *result = (struct nvb_import_result){ 0 };
}
