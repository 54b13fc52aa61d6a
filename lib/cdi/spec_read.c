/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/doc.h"
#include "cdi/device_name.h"
#include "cdi/edits_read.h"
#include "cdi/fields.h"
#include "cdi/spec.h"

enum {
    ANNOTATIONS_SIZE_MAX = 256 << 10, /* keys and values together, as Kubernetes has it */
    ANNOTATION_NAME_MAX = 63,
    ANNOTATION_PREFIX_MAX = 253,
};

/* Letters and digits at both ends, `marks` between. */
static bool is_label(const char *text, size_t len, const char *marks)
{
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        bool is_end = i == 0 || i + 1 == len;
        bool is_digit_or_letter =
            (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

        if (!is_digit_or_letter && (is_end || !strchr(marks, c)))
            return false;
    }
    return len > 0;
}

/* "name" or "dns.prefix/name" of Kubernetes. */
static bool is_annotation_key(const char *key)
{
    const char *slash = strchr(key, '/');
    const char *name = slash ? slash + 1 : key;
    size_t prefix_len = slash ? (size_t)(slash - key) : 0;

    if (slash && prefix_len > ANNOTATION_PREFIX_MAX)
        return false;
    for (const char *p = key; slash && p <= slash; p++) {
        size_t n = strcspn(p, "./");

        if (!is_label(p, n, "-"))
            return false;
        p += n;
    }
    return strlen(name) <= ANNOTATION_NAME_MAX && is_label(name, strlen(name), "-_.");
}

static void read_annotations(struct faults *faults, const struct nvb_doc *doc, void *out)
{
    struct nvb_json **annotations = out;
    size_t size = 0;

    if (doc->type != NVB_DOC_OBJECT) {
        faults_add(faults, doc->line, "'annotations' is an object, not %s",
                   nvb_doc_type_name(doc->type));
        return;
    }
    nvb_json_free(*annotations);
    *annotations = doc->n > 0 ? nvb_json_new_object() : NULL;
    for (size_t i = 0; i < doc->n; i++) {
        const struct nvb_doc_entry *entry = &doc->entries[i];
        const char *text = fields_text(&entry->value);

        if (!is_annotation_key(entry->key))
            faults_add(faults, entry->line, "'%s' cannot be the name of an annotation", entry->key);
        if (!text) {
            faults_add(faults, entry->value.line, "annotation '%s' is %s, not text", entry->key,
                       nvb_doc_type_name(entry->value.type));
            continue;
        }
        size += strlen(entry->key) + strlen(text);
        nvb_json_set_str(*annotations, entry->key, text);
    }
    if (size > ANNOTATIONS_SIZE_MAX)
        faults_add(faults, doc->line, "the annotations are longer than 256 KiB");
}

#define DEVICE(field) offsetof(struct nvb_cdi_device, field)

static const struct field device_fields[] = {
    {"name", FIELD_TEXT, true, DEVICE(name), 0, 0, NULL },
    { "annotations",  FIELD_OTHER, false, DEVICE(annotations), 0, 0, read_annotations },
    { "containerEdits",     FIELD_OTHER, true, DEVICE(edits), 0, 0, edits_read },
    { .key = NULL },
};

static void read_devices(struct faults *faults, const struct nvb_doc *list, void *out)
{
    struct nvb_cdi_spec *spec = out;

    for (size_t i = 0; fields_is_list(faults, list, "devices") && i < list->n; i++) {
        const struct nvb_doc *doc = &list->entries[i].value;
        struct nvb_cdi_device *device = nvb_cdi_spec_add_device(spec, "");
        size_t n_before = faults->n_all;

        if (!fields_read(faults, doc, device_fields, "a device", device))
            continue;
        if (device->name && *device->name && !nvb_is_device(device->name, strlen(device->name))) {
            faults_add(faults, fields_line(doc, "name"), "'%s' cannot be the name of a device",
                       device->name);
        }
        if (faults->n_all == n_before && nvb_edits_is_empty(&device->edits))
            faults_add(faults, doc->line, "device '%s' has no edits", device->name);
    }
}

#define SPEC(field) offsetof(struct nvb_cdi_spec, field)

static const struct field spec_fields[] = {
    {"cdiVersion", FIELD_TEXT, true, SPEC(version), 0, 0, NULL },
    { "kind",        FIELD_TEXT, true, SPEC(kind), 0, 0, NULL },
    { "annotations",           FIELD_OTHER, false, SPEC(annotations), 0, 0, read_annotations },
    { "devices",        FIELD_OTHER, true, 0, 0, 0, read_devices },
    { "containerEdits",      FIELD_OTHER, false, SPEC(edits), 0, 0, edits_read },
    { .key = NULL       },
};

static void fault_duplicate(void *context, const struct nvb_doc_entry *entry)
{
    faults_add(context, entry->line, "a second '%.100s' in the same object", entry->key);
}

struct place {
    const char *name;
    unsigned line;
    size_t index;
};

static int by_name(const void *a, const void *b)
{
    const struct place *l = a;
    const struct place *r = b;
    int order = strcmp(l->name, r->name);

    return order ? order : (l->index > r->index) - (l->index < r->index);
}

static void
check_devices(struct faults *faults, const struct nvb_doc *doc, const struct nvb_cdi_spec *spec)
{
    const struct nvb_doc *list = nvb_doc_get(doc, "devices");
    nvb_autofree struct place *places = nvb_xcalloc(spec->n_devices, sizeof(*places));

    if (list && list->type == NVB_DOC_ARRAY && list->n == 0)
        faults_add(faults, list->line, "there are no devices");
    /* With the key twice, which is a fault by itself, the lines are not to be told. */
    if (!list || list->type != NVB_DOC_ARRAY || list->n != spec->n_devices)
        return;
    for (size_t i = 0; i < spec->n_devices; i++) {
        const char *name = spec->devices[i].name;

        places[i] =
            (struct place){ name ? name : "", fields_line(&list->entries[i].value, "name"), i };
    }
    qsort(places, spec->n_devices, sizeof(*places), by_name);
    for (size_t i = 1; i < spec->n_devices; i++) {
        if (*places[i].name && strcmp(places[i - 1].name, places[i].name) == 0)
            faults_add(faults, places[i].line, "a second device '%s'", places[i].name);
    }
}

static void
check_version(struct faults *faults, const struct nvb_doc *doc, const struct nvb_cdi_spec *spec)
{
    unsigned line = fields_line(doc, "cdiVersion");
    const char *why = NULL;
    const char *lowest = nvb_cdi_spec_explain_version(spec, &why);
    int rank = spec->version ? nvb_cdi_version_rank(spec->version) : -1;

    if (!spec->version)
        return;
    if (rank < 0) {
        faults_add(faults, line, "there is no version '%s'; there are 0.3.0 to 1.1.0",
                   spec->version);
    } else if (rank < nvb_cdi_version_rank(lowest)) {
        faults_add(faults, line, "version %s is too low: %s needs %s", spec->version, why, lowest);
    }
}

static void check_spec(struct faults *faults, const struct nvb_doc *doc, struct nvb_cdi_spec *spec)
{
    if (spec->kind && !nvb_is_device_kind(spec->kind)) {
        faults_add(faults, fields_line(doc, "kind"), "'%s' is no kind; write VENDOR/CLASS",
                   spec->kind);
    }
    check_version(faults, doc, spec);
    check_devices(faults, doc, spec);
    if (spec->version && *spec->version == 'v')
        memmove(spec->version, spec->version + 1, strlen(spec->version));
}

static bool is_json(const char *text, size_t len)
{
    while (len > 0 && strchr(" \t\r\n", *text) && *text) {
        text++;
        len--;
    }
    return len > 0 && (*text == '{' || *text == '[');
}

/* YAML may begin with a brace, too; then the complaint about JSON is the better one. */
static bool
parse_doc(const char *text, size_t len, const char *name, struct nvb_doc *doc, struct nvb_err *err)
{
    nvb_auto_err ignored = { 0 };
    bool may_be_yaml = nvb_has_suffix(name, ".yaml") || nvb_has_suffix(name, ".yml");

    if (!is_json(text, len))
        return nvb_doc_parse_yaml(text, len, name, doc, err);
    if (!may_be_yaml)
        return nvb_doc_parse_json(text, len, name, doc, err);
    return nvb_doc_parse_json(text, len, name, doc, &ignored) ||
           nvb_doc_parse_yaml(text, len, name, doc, err);
}

static bool read_spec(const char *text,
                      size_t len,
                      const char *name,
                      struct nvb_cdi_spec *spec,
                      struct faults *faults,
                      struct nvb_err *err)
{
    nvb_auto_doc doc = { 0 };

    if (!parse_doc(text, len, name, &doc, err))
        return false;
    nvb_doc_each_duplicate(&doc, fault_duplicate, faults);
    if (fields_read(faults, &doc, spec_fields, "a specification", spec))
        check_spec(faults, &doc, spec);
    return true;
}

bool nvb_cdi_spec_parse(const char *text,
                        size_t len,
                        const char *name,
                        struct nvb_cdi_spec **out_spec,
                        struct nvb_err *err)
{
    nvb_autoptr(nvb_cdi_spec) spec = nvb_xcalloc(1, sizeof(*spec));
    nvb_auto_strv list = { 0 };
    auto_faults faults = { 0 };

    if (!read_spec(text, len, name, spec, &faults, err))
        return false;
    if (faults.n == 0) {
        *out_spec = nvb_steal(&spec);
        return true;
    }
    faults_list(&faults, name, &list);
    nvb_fail(err, NVB_D_CDI, NVB_E_INVALID, "%s", list.items[0]);
    if (faults.n > 1)
        nvb_hint(err, "nvbind cdi validate tells this and %zu more", faults.n_all - 1);
    return false;
}

bool nvb_cdi_spec_validate(const char *text,
                           size_t len,
                           const char *name,
                           struct nvb_strv *out_faults)
{
    nvb_autoptr(nvb_cdi_spec) spec = nvb_xcalloc(1, sizeof(*spec));
    auto_faults faults = { 0 };
    nvb_auto_err err = { 0 };

    if (!read_spec(text, len, name, spec, &faults, &err)) {
        nvb_strv_add(out_faults, err.lines[0]);
        return false;
    }
    faults_list(&faults, name, out_faults);
    return faults.n == 0;
}
