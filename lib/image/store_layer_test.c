/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "image/store_internal.h"
#include "store_bed.h"
#include "test.h"
#include "tree.h"

static size_t count(const struct nvb_store *store, const char *part)
{
    nvb_auto_strv names = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(nvb_list_in_root(nvb_store_fd(store), part, &names, &err));
    return names.n;
}

/* As the layer of a machine that was switched off before it came to the disk. */
static void make_torn(const struct nvb_store *store, const char *chain_id)
{
    nvb_autofree char *path = nvb_xasprintf("layers/%s/meta.json", nvb_digest_hex(chain_id));
    nvb_autofree char *text = NULL;
    nvb_auto_err err = { 0 };
    char *id = NULL;

    EXPECT(nvb_read_in_root(nvb_store_fd(store), path, 4096, &text, NULL, &err));
    id = strstr(text, "\"boot_id\":\"");
    EXPECT(id != NULL);
    id[strlen("\"boot_id\":\"")] ^= 1;
    EXPECT(nvb_write_file(nvb_store_fd(store), path, text, strlen(text), 0644, &err));
}

static enum nvb_layer_turn begin(const struct nvb_store *store,
                                 struct nvb_work *work,
                                 const char *chain_id,
                                 struct nvb_layer_draft **out)
{
    enum nvb_layer_turn turn = 0;
    nvb_auto_err err = { 0 };

    EXPECT(nvb_layer_begin(store, work, chain_id, &turn, out, &err));
    return turn;
}

static void publish(const struct nvb_store *store, struct nvb_layer_draft *draft, const char *id)
{
    struct nvb_layer_facts facts = { .n_entries = 3, .size_bytes = 77 };
    nvb_auto_err err = { 0 };

    memcpy(facts.chain_id, id, NVB_DIGEST_SIZE);
    memcpy(facts.diff_id, id, NVB_DIGEST_SIZE);
    EXPECT(nvb_layer_publish(store, draft, &facts, &err));
}

TEST(a_layer_appears_when_it_is_published)
{
    nvb_autoptr(nvb_store) store = store_bed_new(tree_new());
    nvb_autoptr(nvb_work) work = NULL;
    nvb_autoptr(nvb_layer_draft) draft = NULL;
    nvb_autoptr(nvb_layer_draft) second = NULL;
    struct nvb_layer_facts facts;
    char id[NVB_DIGEST_SIZE];
    nvb_auto_err err = { 0 };
    int fd = -1;

    nvb_digest_of("layer", 5, id);
    EXPECT(nvb_work_begin(store, &work, &err));
    EXPECT(begin(store, work, id, &draft) == NVB_LAYER_MAKE && !nvb_store_has_layer(store, id));
    EXPECT(nvb_store_open_layer(store, id, &err) < 0);
    nvb_err_clear(&err);
    EXPECT(begin(store, work, id, &second) == NVB_LAYER_BUSY && !second);
    EXPECT(mkdirat(nvb_layer_draft_fd(draft), "etc", 0755) == 0);
    publish(store, draft, id);
    EXPECT(nvb_store_has_layer(store, id));
    EXPECT(begin(store, work, id, &second) == NVB_LAYER_THERE && !second);
    EXPECT(nvb_layer_read_facts(store, id, &facts, &err));
    EXPECT(facts.size_bytes == 77 && facts.n_entries == 3 && !facts.is_synced && !*facts.parent);
    fd = nvb_store_open_layer(store, id, &err);
    EXPECT(fd >= 0 && faccessat(fd, "etc", F_OK, 0) == 0 && close(fd) == 0);
}

TEST(a_layer_that_is_given_up_leaves_nothing)
{
    nvb_autoptr(nvb_store) store = store_bed_new(tree_new());
    char id[NVB_DIGEST_SIZE];
    nvb_auto_err err = { 0 };

    nvb_digest_of("layer", 5, id);
    {
        nvb_autoptr(nvb_work) work = NULL;
        nvb_autoptr(nvb_layer_draft) draft = NULL;

        EXPECT(nvb_work_begin(store, &work, &err));
        EXPECT(begin(store, work, id, &draft) == NVB_LAYER_MAKE);
        EXPECT(count(store, "making") == 1 && count(store, "tmp") == 1);
    }
    EXPECT(count(store, "making") == 0 && count(store, "tmp") == 0 && count(store, "layers") == 0);
}

/* The power fails between the rename and the disk. */
TEST(a_layer_that_never_came_to_the_disk_counts_as_absent)
{
    nvb_autoptr(nvb_store) store = store_bed_new(tree_new());
    nvb_autoptr(nvb_work) work = NULL;
    nvb_autoptr(nvb_layer_draft) draft = NULL;
    nvb_autoptr(nvb_layer_draft) again = NULL;
    char id[NVB_DIGEST_SIZE];
    nvb_auto_err err = { 0 };

    nvb_digest_of("layer", 5, id);
    EXPECT(nvb_work_begin(store, &work, &err));
    EXPECT(begin(store, work, id, &draft) == NVB_LAYER_MAKE);
    publish(store, draft, id);
    nvb_layer_draft_free(draft);
    draft = NULL;
    make_torn(store, id);
    EXPECT(!nvb_store_has_layer(store, id));
    EXPECT(begin(store, work, id, &again) == NVB_LAYER_MAKE);
    EXPECT(mkdirat(nvb_layer_draft_fd(again), "new", 0755) == 0);
    publish(store, again, id);
    EXPECT(nvb_store_has_layer(store, id) && count(store, "layers") == 1);
}

TEST(a_synced_layer_survives_a_power_failure)
{
    static const int layers[] = { 1, 2 };
    nvb_autoptr(nvb_store) store = store_bed_new(tree_new());
    char digest[NVB_DIGEST_SIZE];
    char id[NVB_DIGEST_SIZE];
    struct nvb_layer_facts facts;
    nvb_auto_err err = { 0 };

    store_bed_put(store, "app", layers, 2, digest);
    store_bed_chain(layers, 2, id);
    EXPECT(nvb_store_sync(store, &err));
    EXPECT(nvb_layer_read_facts(store, id, &facts, &err) && facts.is_synced && *facts.parent);
    make_torn(store, id);
    EXPECT(nvb_store_has_layer(store, id));
}

TEST(a_damaged_layer_counts_as_absent)
{
    static const int layers[] = { 1 };
    static const char *const texts[] = { "", "{", "{}", "[]", "{\"chain_id\":\"sha256:1\"}" };
    nvb_autoptr(nvb_store) store = store_bed_new(tree_new());
    nvb_autofree char *path = NULL;
    char digest[NVB_DIGEST_SIZE];
    char id[NVB_DIGEST_SIZE];

    store_bed_put(store, "app", layers, 1, digest);
    store_bed_chain(layers, 1, id);
    EXPECT(nvb_store_has_layer(store, id));
    path = nvb_xasprintf("layers/%s/meta.json", nvb_digest_hex(id));
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        nvb_auto_err err = { 0 };

        EXPECT(nvb_write_file(nvb_store_fd(store), path, texts[i], strlen(texts[i]), 0644, &err));
        EXPECT(!nvb_store_has_layer(store, id));
    }
}

/* Whoever holds the lock of a file that was unlinked meanwhile has no lock. */
TEST(processes_that_make_one_layer_take_turns)
{
    nvb_autoptr(nvb_store) store = store_bed_new(tree_new());
    char id[NVB_DIGEST_SIZE];
    pid_t pids[8];
    int n_made = 0;

    nvb_digest_of("layer", 5, id);
    for (size_t i = 0; i < 8; i++) {
        pids[i] = fork();
        EXPECT(pids[i] >= 0);
        if (pids[i] == 0) {
            nvb_autoptr(nvb_work) work = NULL;
            nvb_autoptr(nvb_layer_draft) draft = NULL;
            nvb_auto_err err = { 0 };
            enum nvb_layer_turn turn = NVB_LAYER_BUSY;

            if (!nvb_work_begin(store, &work, &err))
                _exit(2);
            while (turn == NVB_LAYER_BUSY) {
                turn = begin(store, work, id, &draft);
                (void)usleep(500);
            }
            if (turn == NVB_LAYER_MAKE) {
                (void)usleep(3000);
                publish(store, draft, id);
            }
            nvb_layer_draft_free(draft);
            nvb_work_free(work);
            _exit(turn == NVB_LAYER_MAKE ? 1 : 0);
        }
    }
    for (size_t i = 0; i < 8; i++) {
        int status = 0;

        EXPECT(waitpid(pids[i], &status, 0) == pids[i] && WIFEXITED(status));
        EXPECT(WEXITSTATUS(status) <= 1);
        n_made += WEXITSTATUS(status);
    }
    EXPECT(n_made == 1 && nvb_store_has_layer(store, id) && count(store, "tmp") == 0);
}
