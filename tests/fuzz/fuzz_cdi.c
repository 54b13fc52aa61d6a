/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* fuzz_cdi.c - what must hold for every specification, JSON or YAML:
 * it parses when and only when no fault is found; it reads back the same from JSON and from YAML;
 * its edits copied are the same; normalising it a second time changes nothing. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cdi/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok, const char *what, const struct nvb_err *err)
{
    if (ok)
        return;
    (void)fprintf(stderr, "property broken: %s\n", what);
    if (err && err->n_lines)
        nvb_err_print(err, "fuzz_cdi", stderr);
    abort();
}

static void check_back(const char *text, const char *name, const char *json)
{
    nvb_autoptr(nvb_cdi_spec) spec = NULL;
    nvb_autofree char *again = NULL;
    nvb_auto_err err = { 0 };

    must(nvb_cdi_spec_parse(text, strlen(text), name, &spec, &err), "what was written parses",
         &err);
    again = nvb_cdi_spec_dup_json(spec);
    must(strcmp(again, json) == 0, "what was written reads back the same", NULL);
}

static void check_copy(const struct nvb_edits *edits)
{
    nvb_auto_edits copy = { 0 };
    nvb_autoptr(nvb_json) before = nvb_edits_to_json(edits);
    nvb_autoptr(nvb_json) after = NULL;

    nvb_edits_append(&copy, edits);
    after = nvb_edits_to_json(&copy);
    must(nvb_json_is_equal(before, after), "a copy is the same", NULL);
}

static void check_normal(struct nvb_cdi_spec *spec)
{
    nvb_autofree char *once = NULL;
    nvb_autofree char *twice = NULL;

    nvb_cdi_spec_normalise(spec, true);
    once = nvb_cdi_spec_dup_json(spec);
    nvb_cdi_spec_normalise(spec, true);
    twice = nvb_cdi_spec_dup_json(spec);
    must(strcmp(once, twice) == 0, "normalising twice is normalising once", NULL);
}

static void try_as(const char *text, size_t size, const char *name)
{
    nvb_autoptr(nvb_cdi_spec) spec = NULL;
    nvb_autofree char *json = NULL;
    nvb_autofree char *yaml = NULL;
    nvb_auto_strv faults = { 0 };
    nvb_auto_err err = { 0 };
    bool is_valid = nvb_cdi_spec_validate(text, size, name, &faults);
    bool is_parsed = nvb_cdi_spec_parse(text, size, name, &spec, &err);

    must(is_valid == (faults.n == 0), "an invalid file has faults", NULL);
    must(is_valid == is_parsed, "valid files parse, others do not", &err);
    if (!is_parsed)
        return;
    json = nvb_cdi_spec_dup_json(spec);
    yaml = nvb_cdi_spec_dup_yaml(spec);
    check_back(json, "back.json", json);
    check_back(yaml, "back.yaml", json);
    check_copy(&spec->devices[0].edits);
    check_normal(spec);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    nvb_autofree char *text = nvb_xcalloc(size + 1, 1);

    if (size > 0)
        memcpy(text, data, size);
    try_as(text, size, "fuzz.json");
    try_as(text, size, "fuzz.yaml");
    return 0;
}
