/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* What a file of /proc/PID/fdinfo is read as: within its bounds, and the same when written again. */
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "stats/fdinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static void check_word(const char *word)
{
    for (; *word; word++)
        demand(*word > ' ' && *word <= '~');
}

static void write_engine(const struct nvb_fdinfo_engine *engine, struct nvb_buf *out)
{
    check_word(engine->name);
    demand(engine->capacity > 0 && engine->work < NVB_N_WORKS);
    nvb_buf_addf(out, "drm-engine-capacity-%s: %u\n", engine->name, engine->capacity);
    if (engine->has_busy)
        nvb_buf_addf(out, "drm-engine-%s: %" PRIu64 " ns\n", engine->name, engine->busy_ns);
    if (engine->has_cycles)
        nvb_buf_addf(out, "drm-cycles-%s: %" PRIu64 "\n", engine->name, engine->cycles);
    if (engine->has_total_cycles)
        nvb_buf_addf(out, "drm-total-cycles-%s: %" PRIu64 "\n", engine->name, engine->total_cycles);
}

static void write_info(const struct nvb_fdinfo *info, struct nvb_buf *out)
{
    check_word(info->driver);
    check_word(info->pci_address);
    nvb_buf_addf(out, "drm-driver:\t%s\n", info->driver);
    if (*info->pci_address)
        nvb_buf_addf(out, "drm-pdev:\t%s\n", info->pci_address);
    if (info->has_client_id)
        nvb_buf_addf(out, "drm-client-id:\t%" PRIu64 "\n", info->client_id);
    if (info->has_own_bytes)
        nvb_buf_addf(out, "drm-resident-vram:\t%" PRIu64 "\n", info->own_bytes);
    if (info->has_system_bytes)
        nvb_buf_addf(out, "drm-resident-gtt:\t%" PRIu64 "\n", info->system_bytes);
    for (size_t i = 0; i < info->n_engines; i++)
        write_engine(&info->engines[i], out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    nvb_autofree char *text = nvb_xstrndup((const char *)data, size);
    nvb_auto_buf written = { 0 };
    nvb_auto_buf twice = { 0 };
    struct nvb_fdinfo info = { 0 };
    struct nvb_fdinfo again = { 0 };

    if (!nvb_fdinfo_parse(text, &info))
        return 0;
    demand(info.n_engines <= NVB_FDINFO_ENGINES_MAX);
    write_info(&info, &written);
    demand(nvb_fdinfo_parse(written.data, &again));
    write_info(&again, &twice);
    demand(strcmp(written.data, twice.data) == 0);
    return 0;
}
