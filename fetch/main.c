/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* nvbind-fetch - brings images into the store and out of it. It is started by nvbind, not by
 * people: WORD on the command line, the request as JSON on stdin, the report on stdout. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "image/store.h"
#include "word.h"

enum {
    REQUEST_MAX = 1 << 20,
};

static const struct word *const words[] = {
    &word_check, &word_export, &word_import, &word_place,
    &word_pull,  &word_repair, &word_sweep,  NULL,
};

/* What happens inside of the jail. */
struct task {
    const struct word *word;
    void *state;
    struct report *report;
};

static int work(void *data)
{
    const struct task *task = data;
    nvb_autoptr(nvb_json) done = NULL;
    nvb_auto_err err = { 0 };

    if (!task->word->work(task->state, task->report, &done, &err)) {
        if (err.sys_errno == ENOSPC || err.sys_errno == EDQUOT)
            nvb_hint(&err, "free some room where the store is: nvbind prune");
        report_error(task->report, &err);
        return EXIT_FAILURE;
    }
    report_done(task->report, nvb_steal(&done));
    return EXIT_SUCCESS;
}

static const struct word *find_word(const char *name)
{
    for (const struct word *const *w = words; *w; w++) {
        if (strcmp((*w)->name, name) == 0)
            return *w;
    }
    return NULL;
}

static bool read_request(struct nvb_json **out, struct nvb_err *err)
{
    nvb_auto_buf text = { 0 };

    return nvb_read_to_end(STDIN_FILENO, "the request", REQUEST_MAX, &text, err) &&
           nvb_json_parse(text.data, text.len, "the request", out, err);
}

/* The disk takes as long as it takes; nobody waits for it. */
static void sync_in_background(const struct nvb_json *request)
{
    nvb_autoptr(nvb_store) store = NULL;
    nvb_auto_err ignored = { 0 };
    int null_fd = -1;

    if (fork() != 0)
        return;
    (void)setsid();
    null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (null_fd < 0 || dup2(null_fd, fd) < 0)
            (void)close(fd);
    }
    if (nvb_store_open(nvb_json_get_str(request, "store"), NVB_STORE_WRITE, &store, &ignored))
        (void)nvb_store_sync(store, &ignored);
    nvb_store_free(store);
    _exit(EXIT_SUCCESS);
}

static bool
start(const struct word *word, struct report *report, int *out_status, struct nvb_err *err)
{
    nvb_autofree void *state = nvb_xcalloc(1, word->state_size);
    nvb_autoptr(nvb_json) request = NULL;
    auto_jail jail = { 0 };
    struct task task = { .word = word, .state = state, .report = report };
    bool ok = read_request(&request, err) &&
              (word->has_no_store ||
               word_open_store(request, word->makes_layers || word->is_writer, &jail, err)) &&
              word->prepare(state, request, &jail, err) &&
              jail_run(&jail, work, &task, out_status, err);

    if (word->clear)
        word->clear(state);
    if (ok && word->makes_layers)
        sync_in_background(request);
    return ok;
}

int main(int argc, char **argv)
{
    const struct word *word = argc == 2 ? find_word(argv[1]) : NULL;
    nvb_autoptr(report) report = report_new(STDOUT_FILENO);
    nvb_auto_err err = { 0 };
    int status = EXIT_FAILURE;

    if (!word) {
        (void)fputs("usage: nvbind-fetch WORD, a request on stdin; nvbind starts it\n", stderr);
        return 2;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    /* libarchive takes names apart by the locale: all bytes are legal in ours. */
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    if (!start(word, report, &status, &err))
        report_error(report, &err);
    return status;
}
