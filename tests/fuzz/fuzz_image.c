/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* fuzz_image.c - what must hold for every manifest and configuration of an image that is taken:
 * all digests are digests, every path absolute, every variable has a name. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "image/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void try_manifest(const char *text, size_t len)
{
    nvb_autoptr(nvb_manifest) manifest = NULL;
    nvb_auto_err err = { 0 };
    const struct nvb_platform here = nvb_platform_here();
    const struct nvb_descriptor *chosen = NULL;

    if (!nvb_manifest_parse(text, len, "m", &manifest, &err)) {
        must(err.n_lines > 0 && !manifest);
        return;
    }
    for (size_t i = 0; i < manifest->n_layers; i++)
        must(nvb_digest_is_valid(manifest->layers[i].digest));
    for (size_t i = 0; i < manifest->n_manifests; i++)
        must(nvb_digest_is_valid(manifest->manifests[i].digest));
    if (manifest->kind == NVB_MANIFEST_IMAGE) {
        must(nvb_digest_is_valid(manifest->config.digest) && manifest->n_manifests == 0);
    } else if (nvb_manifest_choose(manifest, &here, &chosen, &err)) {
        must(chosen >= manifest->manifests && chosen < manifest->manifests + manifest->n_manifests);
    }
}

static void try_config(const char *text, size_t len)
{
    nvb_autoptr(nvb_image_config) config = NULL;
    nvb_auto_err err = { 0 };

    if (!nvb_image_config_parse(text, len, "c", &config, &err)) {
        must(err.n_lines > 0 && !config);
        return;
    }
    for (size_t i = 0; i < config->diff_ids.n; i++)
        must(nvb_digest_is_valid(config->diff_ids.items[i]));
    for (size_t i = 0; i < config->env.n; i++)
        must(strchr(config->env.items[i], '=') > config->env.items[i]);
    for (size_t i = 0; i < config->volumes.n; i++)
        must(config->volumes.items[i][0] == '/');
    for (size_t i = 0; i < config->exposed_ports.n; i++)
        must(strchr(config->exposed_ports.items[i], '/') != NULL);
    must(!config->working_dir || config->working_dir[0] == '/');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    nvb_autofree char *text = nvb_xcalloc(size + 1, 1);

    if (size > 0)
        memcpy(text, data, size);
    try_manifest(text, size);
    try_config(text, size);
    return 0;
}
