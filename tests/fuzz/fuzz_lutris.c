/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* fuzz_lutris.c - settings of a Lutris game, whatever they are, make an entry whose texts are UTF-8
 * and whose objects are objects; the same settings make the same entry. */
#include <stdint.h>
#include <string.h>

#include "base/doc.h"
#include "core/lutris_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    (void)fprintf(stderr, "property broken: %s\n", what);
    abort();
}

static void check_object(const char *text)
{
    nvb_autoptr(nvb_json) json = NULL;
    nvb_auto_err err = { 0 };

    must(!text || (nvb_json_parse(text, strlen(text), "object", &json, &err) &&
                   nvb_json_is_object(json)),
         "an object is one");
}

static GfEntry *fill(const struct nvb_doc *doc, const char *runner)
{
    GfEntry *entry = gf_entry_new("lutris", "1");
    GfLutrisConfig config = {
        .runner = runner, .levels = {doc, doc, doc},
             .home = "/h", .directory = NULL
    };

    gf_lutris_config_fill(&config, entry);
    return entry;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const runners[] = { "wine", "linux", "steam", "flatpak" };
    nvb_auto_doc doc = { 0 };
    nvb_auto_err err = { 0 };

    if (!nvb_doc_parse_yaml((const char *)data, size, "fuzz.yml", &doc, &err))
        return 0;
    for (size_t i = 0; i < G_N_ELEMENTS(runners); i++) {
        g_autoptr(GfEntry) entry = fill(&doc, runners[i]);
        g_autoptr(GfEntry) again = fill(&doc, runners[i]);

        check_object(entry->env);
        check_object(entry->options);
        must(!entry->args || g_utf8_validate(entry->args, -1, NULL), "arguments are UTF-8");
        must(gf_entry_is_equal(entry, again), "the same settings make the same entry");
    }
    return 0;
}
