/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/fetcher.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/file.h"

enum {
    LINE_MAX_BYTES = 4 << 20, /* an event: the image's may name 500 layers */
    PIECE = 64 << 10,
};

/* The program while it runs. */
struct nvb_fetcher {
    const struct nvb_fetch_watch *watch; /* borrowed */
    pid_t pid;
    int input;             /* ours */
    int output;            /* ours */
    struct nvb_json *last; /* owned; "done" or "error" */
};

static void close_if_open(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

/* Above what the child's ends become, or one would be closed for another. */
static int make_pipe(int ends[2])
{
    int low[2] = { -1, -1 };

    if (pipe2(low, O_CLOEXEC) < 0)
        return -1;
    for (size_t i = 0; i < 2; i++) {
        ends[i] = fcntl(low[i], F_DUPFD_CLOEXEC, NVB_FETCH_GIVEN + 1);
        (void)close(low[i]);
    }
    return ends[0] < 0 || ends[1] < 0 ? -1 : 0;
}

/* The child's ends become its stdin and stdout; stderr is ours, for what a crash has to say. */
static bool spawn(struct nvb_fetcher *f, const char *word, struct nvb_err *err)
{
    nvb_autofree char *dir = nvb_dir_dup_libexec();
    nvb_autofree char *path = nvb_xasprintf("%s/nvbind-fetch", dir);
    nvb_autofree char *argument = nvb_xstrdup(word);
    char *argv[] = { path, argument, NULL };
    posix_spawn_file_actions_t actions;
    int in[2] = { -1, -1 };
    int out[2] = { -1, -1 };
    int failed = 0;

    if (make_pipe(in) < 0 || make_pipe(out) < 0) {
        failed = errno;
    } else {
        (void)posix_spawn_file_actions_init(&actions);
        if (f->watch && f->watch->has_given)
            (void)posix_spawn_file_actions_adddup2(&actions, f->watch->given, NVB_FETCH_GIVEN);
        (void)posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
        (void)posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
        failed = posix_spawn(&f->pid, path, &actions, NULL, argv, environ);
        (void)posix_spawn_file_actions_destroy(&actions);
    }
    close_if_open(&in[0]);
    close_if_open(&out[1]);
    f->input = in[1];
    f->output = out[0];
    if (!failed)
        return true;
    f->pid = 0;
    errno = failed;
    nvb_fail_errno(err, NVB_D_IMAGE, "cannot start '%s'", path);
    return nvb_hint(err, "it belongs to nvbind: install all of it");
}

/* One that ended at once leaves no reader; what it said is read all the same. */
static void send_request(struct nvb_fetcher *f, const struct nvb_json *request)
{
    nvb_autofree char *text = nvb_json_dup_text(request, false);
    sigset_t pipe_signal;
    sigset_t before;
    const struct timespec at_once = { 0 };

    (void)sigemptyset(&pipe_signal);
    (void)sigaddset(&pipe_signal, SIGPIPE);
    (void)pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    if (!nvb_write_all(f->input, text, strlen(text)) && errno == EPIPE &&
        !sigismember(&before, SIGPIPE))
        (void)sigtimedwait(&pipe_signal, NULL, &at_once);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    close_if_open(&f->input);
}

static void take_line(struct nvb_fetcher *f, const char *line, size_t len)
{
    nvb_autoptr(nvb_json) event = NULL;
    nvb_auto_err ignored = { 0 };
    const char *name = NULL;

    if (!nvb_json_parse(line, len, "the report", &event, &ignored))
        return;
    name = nvb_json_get_str(event, "event");
    if (!name)
        return;
    if (strcmp(name, "done") == 0 || strcmp(name, "error") == 0) {
        nvb_json_free(f->last);
        f->last = nvb_steal(&event);
    } else if (f->watch && f->watch->event) {
        f->watch->event(f->watch->data, name, event);
    }
}

/* Whole lines go, the rest stays. */
static void take_lines(struct nvb_fetcher *f, struct nvb_buf *text)
{
    size_t start = 0;
    const char *end = NULL;

    while ((end = memchr(text->data + start, '\n', text->len - start))) {
        size_t len = (size_t)(end - text->data) - start;

        take_line(f, text->data + start, len);
        start += len + 1;
    }
    text->len -= start;
    memmove(text->data, text->data + start, text->len);
}

static bool follow(struct nvb_fetcher *f, struct nvb_err *err)
{
    nvb_auto_buf text = { 0 };
    nvb_autofree char *piece = nvb_xcalloc(1, PIECE);

    for (;;) {
        ssize_t got = read(f->output, piece, PIECE);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return nvb_fail_errno(err, NVB_D_IMAGE, "cannot read what nvbind-fetch reports");
        if (got == 0)
            return true;
        nvb_buf_add(&text, piece, (size_t)got);
        take_lines(f, &text);
        if (text.len > LINE_MAX_BYTES)
            return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "nvbind-fetch reports nonsense");
    }
}

static int wait_for(pid_t pid)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

/* The error event as an error again. */
static bool fail_as_told(const struct nvb_json *event, struct nvb_err *err)
{
    const struct nvb_json *lines = nvb_json_get(event, "lines");
    const char *hint = nvb_json_get_str(event, "hint");
    const char *cause = nvb_json_str(nvb_json_at(lines, 0));
    uint64_t domain = NVB_D_IMAGE;
    uint64_t kind = NVB_E_IO;
    uint64_t number = 0;

    (void)nvb_json_read_u64(nvb_json_get(event, "domain"), &domain);
    (void)nvb_json_read_u64(nvb_json_get(event, "kind"), &kind);
    nvb_fail(err, (enum nvb_domain)domain, (enum nvb_kind)kind, "%s",
             cause ? cause : "nvbind-fetch does not say why");
    for (size_t i = 1; i < nvb_json_length(lines); i++) {
        const char *line = nvb_json_str(nvb_json_at(lines, i));

        nvb_while(err, "%s", line ? line : "?");
    }
    if (hint)
        nvb_hint(err, "%s", hint);
    if (nvb_json_read_u64(nvb_json_get(event, "errno"), &number))
        err->sys_errno = (int)number;
    return false;
}

static bool
judge(struct nvb_fetcher *f, int status, struct nvb_json **out_done, struct nvb_err *err)
{
    const char *name = f->last ? nvb_json_get_str(f->last, "event") : "";

    if (strcmp(name, "error") == 0)
        return fail_as_told(f->last, err);
    if (strcmp(name, "done") == 0) {
        *out_done = nvb_steal(&f->last);
        return true;
    }
    if (WIFSIGNALED(status))
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_IO, "nvbind-fetch was ended by signal %d",
                        WTERMSIG(status));
    return nvb_fail(err, NVB_D_IMAGE, NVB_E_IO, "nvbind-fetch ended with status %d, without a word",
                    WEXITSTATUS(status));
}

bool nvb_fetcher_begin(const char *word,
                       const struct nvb_json *request,
                       const struct nvb_fetch_watch *watch,
                       struct nvb_fetcher **out,
                       struct nvb_err *err)
{
    struct nvb_fetcher *f = nvb_xcalloc(1, sizeof(*f));

    f->watch = watch;
    f->input = f->output = -1;
    if (!spawn(f, word, err)) {
        close_if_open(&f->input);
        close_if_open(&f->output);
        free(f);
        return false;
    }
    send_request(f, request);
    *out = f;
    return true;
}

bool nvb_fetcher_end(struct nvb_fetcher *take_fetcher,
                     struct nvb_json **out_done,
                     struct nvb_err *err)
{
    struct nvb_fetcher *f = take_fetcher;
    bool ok = follow(f, err);
    int status = 0;

    close_if_open(&f->output); /* it stops when nobody listens */
    status = wait_for(f->pid);
    ok = ok && judge(f, status, out_done, err);
    nvb_json_free(f->last);
    free(f);
    return ok;
}

bool nvb_fetcher_run(const char *word,
                     const struct nvb_json *request,
                     const struct nvb_fetch_watch *watch,
                     struct nvb_json **out_done,
                     struct nvb_err *err)
{
    struct nvb_fetcher *f = NULL;

    return nvb_fetcher_begin(word, request, watch, &f, err) && nvb_fetcher_end(f, out_done, err);
}
