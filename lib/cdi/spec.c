/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "cdi/spec.h"

#include <assert.h>
#include <string.h>

#include "base/yaml.h"
#include "cdi/edits_internal.h"

static const char *const versions[] = {
    "0.3.0", "0.4.0", "0.5.0", "0.6.0", "0.7.0", "0.8.0", "1.0.0", "1.1.0",
};

enum {
    N_VERSIONS = sizeof(versions) / sizeof(versions[0]),
};

struct nvb_cdi_device *nvb_cdi_spec_add_device(struct nvb_cdi_spec *spec, const char *name)
{
    size_t n = spec->n_devices;

    if ((n & (n - 1)) == 0) /* room doubles: full at each power of two */
        spec->devices = nvb_xrealloc(spec->devices, n ? n * 2 : 1, sizeof(*spec->devices));
    spec->devices[n] = (struct nvb_cdi_device){ .name = nvb_xstrdup(name) };
    spec->n_devices++;
    return &spec->devices[n];
}

const struct nvb_cdi_device *nvb_cdi_spec_find_device(const struct nvb_cdi_spec *spec,
                                                      const char *name)
{
    for (size_t i = 0; i < spec->n_devices; i++) {
        if (strcmp(spec->devices[i].name, name) == 0)
            return &spec->devices[i];
    }
    return NULL;
}

void nvb_cdi_spec_free(struct nvb_cdi_spec *spec)
{
    if (!spec)
        return;
    for (size_t i = 0; i < spec->n_devices; i++) {
        free(spec->devices[i].name);
        nvb_json_free(spec->devices[i].annotations);
        nvb_edits_clear(&spec->devices[i].edits);
    }
    free(spec->devices);
    free(spec->version);
    free(spec->kind);
    nvb_json_free(spec->annotations);
    nvb_edits_clear(&spec->edits);
    free(spec);
}

int nvb_cdi_version_rank(const char *version)
{
    version += *version == 'v';
    for (int i = 0; i < N_VERSIONS; i++) {
        if (strcmp(versions[i], version) == 0)
            return i;
    }
    return -1;
}

/* The highest need found so far. */
struct need {
    const char *version;
    const char *why;
};

static void raise(struct need *need, bool is_used, const char *version, const char *why)
{
    if (is_used && strcmp(version, need->version) > 0)
        *need = (struct need){ version, why };
}

static void raise_for_edits(struct need *need, const struct nvb_edits *edits)
{
    const struct nvb_intel_rdt *rdt = edits->intel_rdt;

    raise(need, edits->n_net_devices > 0, "1.1.0", "'netDevices'");
    raise(need, rdt && rdt->schemata.n > 0, "1.1.0", "'schemata'");
    raise(need, rdt && rdt->has_monitoring, "1.1.0", "'enableMonitoring'");
    raise(need, rdt != NULL, "0.7.0", "'intelRdt'");
    raise(need, edits->n_gids > 0, "0.7.0", "'additionalGids'");
    for (size_t i = 0; i < edits->n_nodes; i++)
        raise(need, edits->nodes[i].host_path != NULL, "0.5.0", "'hostPath' of a device node");
    for (size_t i = 0; i < edits->n_mounts; i++)
        raise(need, edits->mounts[i].type != NULL, "0.4.0", "'type' of a mount");
}

const char *nvb_cdi_spec_explain_version(const struct nvb_cdi_spec *spec, const char **out_why)
{
    const char *slash = spec->kind ? strchr(spec->kind, '/') : NULL;
    struct need need = { versions[0], "any specification" };

    raise(&need, spec->annotations != NULL, "0.6.0", "'annotations'");
    raise(&need, slash && strchr(slash, '.'), "0.6.0", "a dot in the class");
    raise_for_edits(&need, &spec->edits);
    for (size_t i = 0; i < spec->n_devices; i++) {
        const struct nvb_cdi_device *device = &spec->devices[i];

        raise(&need, device->annotations != NULL, "0.6.0", "'annotations'");
        raise(&need, device->name && *device->name >= '0' && *device->name <= '9', "0.5.0",
              "a device name that begins with a digit");
        raise_for_edits(&need, &device->edits);
    }
    if (out_why)
        *out_why = need.why;
    return need.version;
}

const char *nvb_cdi_spec_lowest_version(const struct nvb_cdi_spec *spec)
{
    return nvb_cdi_spec_explain_version(spec, NULL);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct nvb_cdi_device *)a)->name,
                  ((const struct nvb_cdi_device *)b)->name);
}

static void tidy(struct nvb_cdi_spec *spec)
{
    nvb_edits_normalise(&spec->edits);
    for (size_t i = 0; i < spec->n_devices; i++) {
        nvb_edits_normalise(&spec->devices[i].edits);
        nvb_edits_subtract(&spec->devices[i].edits, &spec->edits);
    }
    if (spec->n_devices > 1)
        qsort(spec->devices, spec->n_devices, sizeof(*spec->devices), by_name);
}

void nvb_cdi_spec_normalise(struct nvb_cdi_spec *spec, bool with_all)
{
    tidy(spec);
    if (with_all && spec->n_devices > 0 && !nvb_cdi_spec_find_device(spec, "all")) {
        struct nvb_cdi_device *all = nvb_cdi_spec_add_device(spec, "all");

        for (size_t i = 0; i + 1 < spec->n_devices; i++)
            nvb_edits_append(&all->edits, &spec->devices[i].edits);
        tidy(spec);
    }
}

static bool has_content(const struct nvb_edits *edits)
{
    for (size_t i = 0; i < edits->n_mounts; i++) {
        if (edits->mounts[i].kind == NVB_MOUNT_FILE || edits->mounts[i].kind == NVB_MOUNT_LINK)
            return true;
    }
    return false;
}

static void tell_device(struct nvb_sink *sink, const struct nvb_cdi_device *device)
{
    assert(!has_content(&device->edits));
    nvb_sink_open(sink, NULL, '{');
    nvb_sink_str(sink, "name", device->name);
    if (device->annotations)
        nvb_sink_json(sink, "annotations", device->annotations);
    (void)nvb_edits_tell(sink, "containerEdits", &device->edits);
    (void)nvb_sink_close(sink);
}

static struct nvb_json *tell(struct nvb_sink *sink, const struct nvb_cdi_spec *spec)
{
    assert(!has_content(&spec->edits));
    nvb_sink_open(sink, NULL, '{');
    nvb_sink_str(sink, "cdiVersion",
                 spec->version ? spec->version : nvb_cdi_spec_lowest_version(spec));
    nvb_sink_str(sink, "kind", spec->kind);
    if (spec->annotations)
        nvb_sink_json(sink, "annotations", spec->annotations);
    nvb_sink_open(sink, "devices", '[');
    for (size_t i = 0; i < spec->n_devices; i++)
        tell_device(sink, &spec->devices[i]);
    (void)nvb_sink_close(sink);
    (void)nvb_edits_tell(sink, "containerEdits", &spec->edits);
    return nvb_sink_close(sink);
}

struct nvb_json *nvb_cdi_spec_to_json(const struct nvb_cdi_spec *spec)
{
    struct nvb_sink tree = { 0 };

    return tell(&tree, spec);
}

char *nvb_cdi_spec_dup_json(const struct nvb_cdi_spec *spec)
{
    struct nvb_buf text = { 0 };
    struct nvb_sink sink = { .text = &text };

    (void)tell(&sink, spec);
    return text.data;
}

char *nvb_cdi_spec_dup_yaml(const struct nvb_cdi_spec *spec)
{
    nvb_autoptr(nvb_json) json = nvb_cdi_spec_to_json(spec);

    return nvb_yaml_dup_text(json);
}
