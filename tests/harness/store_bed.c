/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "store_bed.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "test.h"

struct nvb_store *store_bed_new(const char *tree)
{
    struct nvb_store *store = NULL;
    nvb_auto_err err = { 0 };

    if (!nvb_store_open(tree, NVB_STORE_WRITE, &store, &err))
        nvb_err_print(&err, "store", stdout);
    EXPECT(store != NULL);
    return store;
}

static void diff_id(int number, char out[NVB_DIGEST_SIZE])
{
    nvb_digest_of(&number, sizeof(number), out);
}

void store_bed_chain(const int *layers, size_t n, char out[NVB_DIGEST_SIZE])
{
    for (size_t i = 0; i < n; i++) {
        char id[NVB_DIGEST_SIZE];

        diff_id(layers[i], id);
        nvb_digest_chain(i > 0 ? out : NULL, id, out);
    }
}

static void
put_layer(const struct nvb_store *store, struct nvb_work *work, const int *layers, size_t n)
{
    nvb_autoptr(nvb_layer_draft) draft = NULL;
    enum nvb_layer_turn turn = 0;
    struct nvb_layer_facts facts = { .size_bytes = 5, .n_entries = 1 };
    nvb_auto_err err = { 0 };

    store_bed_chain(layers, n, facts.chain_id);
    diff_id(layers[n - 1], facts.diff_id);
    if (n > 1)
        store_bed_chain(layers, n - 1, facts.parent);
    EXPECT(nvb_layer_begin(store, work, facts.chain_id, &turn, &draft, &err));
    if (turn == NVB_LAYER_THERE)
        return;
    EXPECT(turn == NVB_LAYER_MAKE);
    EXPECT(nvb_write_file(nvb_layer_draft_fd(draft), "file", "hello", 5, 0644, &err));
    EXPECT(nvb_layer_publish(store, draft, &facts, &err));
}

static char *dup_config(const int *layers, size_t n)
{
    nvb_auto_buf text = { 0 };

    nvb_buf_add_str(&text, "{\"os\":\"linux\",\"rootfs\":{\"diff_ids\":[");
    for (size_t i = 0; i < n; i++) {
        char id[NVB_DIGEST_SIZE];

        diff_id(layers[i], id);
        nvb_buf_addf(&text, "%s\"%s\"", i > 0 ? "," : "", id);
    }
    nvb_buf_add_str(&text, "]}}");
    return nvb_steal(&text.data);
}

void store_bed_put(const struct nvb_store *store,
                   const char *name,
                   const int *layers,
                   size_t n,
                   char out_digest[NVB_DIGEST_SIZE])
{
    nvb_autoptr(nvb_work) work = NULL;
    nvb_autofree char *config = dup_config(layers, n);
    nvb_auto_buf manifest = { 0 };
    char id[NVB_DIGEST_SIZE];
    nvb_auto_reference reference = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(nvb_work_begin(store, &work, &err));
    for (size_t i = 0; i < n; i++)
        put_layer(store, work, layers, i + 1);
    EXPECT(nvb_store_add_blob(store, work, config, strlen(config), id, &err));
    nvb_buf_addf(&manifest, "{\"config\":{\"digest\":\"%s\",\"size\":%zu},\"layers\":[", id,
                 strlen(config));
    for (size_t i = 0; i < n; i++) {
        diff_id(layers[i], id);
        nvb_buf_addf(&manifest, "%s{\"digest\":\"%s\",\"size\":1}", i > 0 ? "," : "", id);
    }
    nvb_buf_add_str(&manifest, "]}");
    EXPECT(nvb_store_add_blob(store, work, manifest.data, manifest.len, out_digest, &err));
    if (name)
        EXPECT(nvb_reference_parse(name, &reference, &err) &&
               nvb_store_set_ref(store, &reference, out_digest, &err));
}
