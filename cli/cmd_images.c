/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cmd.h"
#include "image/store.h"
#include "image_size.h"
#include "say.h"

enum {
    ID_DIGITS = 12,
    DATE_LEN = sizeof("2026-01-31") - 1,
};

struct options {
    bool as_json;
    bool is_quiet;
};

static const struct opt opts[] = {
    {OPT_FLAG, 'q', "quiet", NULL, "print the ids alone", offsetof(struct options, is_quiet),
     NULL },
    OPT_JSON(offsetof(struct options, as_json)),
    { .type = OPT_END},
};

/* What a line tells of one name. */
struct row {
    struct nvb_reference name;
    const struct nvb_store_ref *ref; /* borrowed */
    struct nvb_image *image;         /* owned; NULL when it cannot be read */
    uint64_t size_bytes;
    bool is_whole;
};

struct rows {
    struct row *items; /* owned */
    size_t n;
};

static void rows_clear(struct rows *rows)
{
    for (size_t i = 0; i < rows->n; i++) {
        nvb_reference_clear(&rows->items[i].name);
        nvb_image_free(rows->items[i].image);
    }
    free(rows->items);
}

static void measure(const struct nvb_store *store, struct row *row)
{
    nvb_auto_err ignored = { 0 };

    if (!nvb_store_read_image(store, row->ref->digest, &row->image, &ignored))
        return;
    row->is_whole = nvb_store_check_layers(store, row->image, &ignored);
    for (size_t i = 0; i < row->image->chain_ids.n; i++) {
        struct nvb_layer_facts facts = { 0 };
        nvb_auto_err absent = { 0 };

        if (nvb_layer_read_facts(store, row->image->chain_ids.items[i], &facts, &absent))
            row->size_bytes += facts.size_bytes;
    }
}

/* "ubuntu" asks for all its tags, "ubuntu:24.04" for one. */
static bool is_asked_for(const struct nvb_reference *name, const char *filter)
{
    nvb_autofree char *full = nvb_reference_dup_text(name);
    nvb_autofree char *short_name = nvb_reference_dup_name(name, true);
    nvb_autofree char *long_name = nvb_reference_dup_name(name, false);
    nvb_autofree char *familiar = nvb_reference_dup_familiar(name);

    return !filter || strcmp(filter, full) == 0 || strcmp(filter, short_name) == 0 ||
           strcmp(filter, long_name) == 0 || strcmp(filter, familiar) == 0;
}

static void collect(const struct nvb_store *store,
                    const struct nvb_store_refs *refs,
                    const char *filter,
                    struct rows *out)
{
    out->items = nvb_xcalloc(refs->n + 1, sizeof(*out->items));
    for (size_t i = 0; i < refs->n; i++) {
        struct row *row = &out->items[out->n];
        nvb_auto_err ignored = { 0 };

        *row = (struct row){ .ref = &refs->items[i] };
        if (!nvb_reference_parse(refs->items[i].name, &row->name, &ignored))
            continue;
        if (!is_asked_for(&row->name, filter)) {
            nvb_reference_clear(&row->name);
            continue;
        }
        measure(store, row);
        out->n++;
    }
}

static const char *get_id(const struct row *row)
{
    return row->image ? row->image->manifest->config.digest : row->ref->digest;
}

static struct nvb_json *row_to_json(const struct row *row)
{
    struct nvb_json *json = nvb_json_new_object();
    nvb_autofree char *name = nvb_reference_dup_name(&row->name, false);
    const struct nvb_image_config *config = row->image ? row->image->config : NULL;

    nvb_json_set_str(json, "name", name);
    nvb_json_set_str(json, "tag", row->name.tag);
    nvb_json_set_str(json, "id", get_id(row));
    nvb_json_set_str(json, "digest", row->ref->digest);
    nvb_json_set_str(json, "created", config ? config->created : NULL);
    nvb_json_set_i64(json, "set", row->ref->set_s);
    nvb_json_set_u64(json, "size", row->size_bytes);
    nvb_json_set_u64(json, "layers", row->image ? row->image->chain_ids.n : 0);
    nvb_json_set_str(json, "os", config ? config->os : NULL);
    nvb_json_set_str(json, "arch", config ? config->arch : NULL);
    nvb_json_set_bool(json, "whole", row->is_whole);
    return json;
}

static void print_as_json(const struct rows *rows)
{
    nvb_autoptr(nvb_json) json = nvb_json_new_array();

    for (size_t i = 0; i < rows->n; i++)
        nvb_json_append(json, row_to_json(&rows->items[i]));
    nvb_json_print(json, stdout);
}

static void print_row(const struct row *row, int name_width, int tag_width)
{
    nvb_autofree char *name = nvb_reference_dup_name(&row->name, true);
    nvb_autofree char *size =
        row->is_whole ? image_size_dup_text(row->size_bytes) : nvb_xstrdup("incomplete");
    const char *created = row->image ? row->image->config->created : NULL;

    say(stdout, "%-*s  %-*s  %.*s  %-*.*s  %10s", name_width, name, tag_width,
        row->name.tag ? row->name.tag : "-", ID_DIGITS, nvb_digest_hex(get_id(row)), DATE_LEN,
        DATE_LEN, created ? created : "-", size);
}

static int larger(int a, size_t b)
{
    return (size_t)a > b ? a : (int)b;
}

static void print_table(const struct rows *rows)
{
    int name_width = sizeof("NAME") - 1;
    int tag_width = sizeof("TAG") - 1;

    for (size_t i = 0; i < rows->n; i++) {
        nvb_autofree char *name = nvb_reference_dup_name(&rows->items[i].name, true);

        name_width = larger(name_width, strlen(name));
        tag_width =
            larger(tag_width, rows->items[i].name.tag ? strlen(rows->items[i].name.tag) : 1);
    }
    printf("%-*s  %-*s  %-*s  %-*s  %10s\n", name_width, "NAME", tag_width, "TAG", ID_DIGITS, "ID",
           DATE_LEN, "CREATED", "SIZE");
    for (size_t i = 0; i < rows->n; i++)
        print_row(&rows->items[i], name_width, tag_width);
}

static void print(const struct rows *rows, const struct options *o)
{
    if (o->as_json) {
        print_as_json(rows);
    } else if (!o->is_quiet) {
        print_table(rows);
    } else {
        for (size_t i = 0; i < rows->n; i++)
            printf("%.*s\n", ID_DIGITS, nvb_digest_hex(get_id(&rows->items[i])));
    }
}

static int list(const char *filter, const struct options *o)
{
    nvb_autoptr(nvb_store) store = NULL;
    nvb_auto_refs refs = { 0 };
    __attribute__((cleanup(rows_clear))) struct rows rows = { 0 };
    nvb_auto_err err = { 0 };

    if (!nvb_store_open(NULL, NVB_STORE_READ, &store, &err) ||
        !nvb_store_list_refs(store, &refs, &err)) {
        nvb_while(&err, "cannot list the images");
        return cmd_complain(&err, o->as_json);
    }
    collect(store, &refs, filter, &rows);
    print(&rows, o);
    return EXIT_SUCCESS;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct options o = { 0 };
    char **words = NULL;
    int status = 0;

    if (!cmd_parse(cmd, argc, argv, &o, &words, &status))
        return status;
    return list(words[0], &o);
}

const struct cmd cmd_images = {
    .name = "nvbind images",
    .operands = "[NAME]",
    .summary = "list the images that are here",
    .details =
        "NAME asks for one image, or for all tags of one. SIZE is that of the unpacked files;\n"
        "layers that several images have are counted for each. \"incomplete\": a layer is\n"
        "missing, pull or import the image again.",
    .opts = opts,
    .run = run,
};
