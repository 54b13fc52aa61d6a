/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* fuzz_oci_config.c - what must hold for every config.json that can be edited:
 * every key stays in its place and every value outside of the touched parts is the same to the
 * letter; mounts of other destinations are all still there; editing twice is editing once. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/doc.h"
#include "cdi/spec.h"
#include "oci/config_edit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Which keys of an object the edits may touch, and what may change below them. */
struct touched {
    const char *key;
    const struct touched *below; /* NULL: all of it */
};

static const struct touched in_user[] = {
    {"additionalGids", NULL},
    { NULL,            NULL}
};
static const struct touched in_process[] = {
    {"env",   NULL   },
    { "user", in_user},
    { NULL,   NULL   }
};
static const struct touched in_resources[] = {
    {"devices", NULL},
    { NULL,     NULL}
};
static const struct touched in_linux[] = {
    {"devices",     NULL        },
    { "resources",  in_resources},
    { "netDevices", NULL        },
    { "intelRdt",   NULL        },
    { NULL,         NULL        },
};
static const struct touched in_hooks[] = {
    {"prestart", NULL},
    { NULL,      NULL}
};
static const struct touched in_config[] = {
    {"process", in_process},
    { "linux",  in_linux  },
    { "mounts", NULL      },
    { "hooks",  in_hooks  },
    { NULL,     NULL      },
};

static const char spec_text[] =
    "{\"cdiVersion\":\"1.1.0\",\"kind\":\"v/c\",\"devices\":[{\"name\":\"d\",\"containerEdits\":{"
    "\"env\":[\"PATH=/x\",\"NEW=1\"],"
    "\"deviceNodes\":[{\"path\":\"/dev/null\",\"type\":\"c\",\"major\":1,\"minor\":3,"
    "\"fileMode\":438},{\"path\":\"/dev/d\",\"type\":\"p\",\"fileMode\":0}],"
    "\"netDevices\":[{\"hostInterfaceName\":\"e\",\"name\":\"n\"}],"
    "\"hooks\":[{\"hookName\":\"prestart\",\"path\":\"/h\"}],"
    "\"mounts\":[{\"hostPath\":\"/h\",\"containerPath\":\"/m\",\"options\":[\"ro\"]}],"
    "\"intelRdt\":{\"closID\":\"x\"},\"additionalGids\":[44]}}]}";

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    (void)fprintf(stderr, "property broken: %s\n", what);
    abort();
}

static const struct nvb_edits *get_edits(void)
{
    static struct nvb_cdi_spec *spec = NULL;
    nvb_auto_err err = { 0 };

    if (!spec)
        must(nvb_cdi_spec_parse(spec_text, strlen(spec_text), "spec", &spec, &err), "it parses");
    return &spec->devices[0].edits;
}

static bool is_same_text(const struct nvb_doc *a, const struct nvb_doc *b)
{
    const char *l = a->text ? a->text : "";
    const char *r = b->text ? b->text : "";

    /* The one spelling that json-c does not keep. */
    return strcmp(strcmp(l, "-0") == 0 ? "0" : l, r) == 0;
}

static bool is_same(const struct nvb_doc *a, const struct nvb_doc *b)
{
    if (a->type != b->type || a->n != b->n || !is_same_text(a, b))
        return false;
    for (size_t i = 0; i < a->n; i++) {
        const char *l = a->entries[i].key;
        const char *r = b->entries[i].key;

        if ((l && strcmp(l, r) != 0) || !is_same(&a->entries[i].value, &b->entries[i].value))
            return false;
    }
    return true;
}

static void
check_kept(const struct nvb_doc *before, const struct nvb_doc *after, const struct touched *touched)
{
    must(before->n <= after->n, "no key is lost");
    for (size_t i = 0; i < before->n; i++) {
        const struct nvb_doc_entry *l = &before->entries[i];
        const struct nvb_doc_entry *r = &after->entries[i];
        const struct touched *t = touched;

        must(strcmp(l->key, r->key) == 0, "keys keep their order");
        while (t->key && strcmp(t->key, l->key) != 0)
            t++;
        if (!t->key) {
            must(is_same(&l->value, &r->value), "what is not touched stays");
        } else if (t->below && l->value.type == NVB_DOC_OBJECT) {
            check_kept(&l->value, &r->value, t->below);
        }
    }
}

static void check_mounts(const struct nvb_doc *before, const struct nvb_doc *after)
{
    for (size_t i = 0; before && i < before->n; i++) {
        const struct nvb_doc *mount = &before->entries[i].value;
        const struct nvb_doc *destination = nvb_doc_get(mount, "destination");
        bool is_there = destination && destination->type == NVB_DOC_TEXT &&
                        strcmp(destination->text, "/m") == 0;

        for (size_t k = 0; !is_there && k < after->n; k++)
            is_there = is_same(mount, &after->entries[k].value);
        must(is_there, "the other mounts stay");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    nvb_autofree char *text = nvb_xcalloc(size + 1, 1);
    nvb_autofree char *once = NULL;
    nvb_autofree char *twice = NULL;
    nvb_auto_doc before = { 0 };
    nvb_auto_doc after = { 0 };
    nvb_auto_err err = { 0 };
    nvb_auto_err ignored = { 0 };

    if (size > 0)
        memcpy(text, data, size);
    if (!nvb_config_edit(text, size, get_edits(), AT_FDCWD, &once, &ignored))
        return 0;
    must(nvb_doc_parse_json(text, size, "before", &before, &err), "the config parses");
    must(nvb_doc_parse_json(once, strlen(once), "after", &after, &err), "the result parses");
    check_kept(&before, &after, in_config);
    if (before.n < 200) /* comparing all with all */
        check_mounts(nvb_doc_get(&before, "mounts"), nvb_doc_get(&after, "mounts"));
    must(nvb_config_edit(once, strlen(once), get_edits(), AT_FDCWD, &twice, &err),
         "a second time succeeds");
    must(strcmp(once, twice) == 0, "editing twice is editing once");
    return 0;
}
