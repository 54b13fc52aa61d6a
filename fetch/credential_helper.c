/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "credential_helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"

enum {
    ANSWER_MAX = 64 << 10,
};

struct helper {
    char *program; /* owned; "docker-credential-gcr" */
    pid_t pid;
    int fd; /* its output */
    struct nvb_buf answer;
};

static uint64_t now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* What goes in is short: it fits a pipe, so nobody waits for the reader. */
static bool fill_pipe(const char *text, int *out_fd)
{
    int fds[2] = { -1, -1 };
    bool ok = pipe2(fds, O_CLOEXEC) == 0;

    ok = ok && strlen(text) < 4096 && nvb_write_all(fds[1], text, strlen(text));
    if (fds[1] >= 0)
        (void)close(fds[1]);
    *out_fd = fds[0];
    return ok;
}

static int spawn(struct helper *helper, int input, int output)
{
    char *argv[] = { helper->program, nvb_xstrdup("get"), NULL };
    posix_spawn_file_actions_t actions;
    int e = 0;

    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    (void)posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    e = posix_spawnp(&helper->pid, helper->program, &actions, NULL, argv, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    free(argv[1]);
    return e;
}

static bool start(struct helper *helper, const char *registry, struct nvb_err *err)
{
    nvb_autoclose int input = -1;
    int fds[2] = { -1, -1 };
    int e = 0;

    if (!fill_pipe(registry, &input) || pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot make a pipe");
    (void)fcntl(fds[1], F_SETFL, 0); /* the helper's side waits */
    e = spawn(helper, input, fds[1]);
    (void)close(fds[1]);
    helper->fd = fds[0];
    if (e == 0)
        return true;
    errno = e;
    nvb_fail_errno(err, NVB_D_IMAGE, "cannot start '%s'", helper->program);
    return nvb_hint(err, "install it, or take it out of the file with your logins");
}

/* False when time is up or it says too much. */
static bool read_answer(struct helper *helper, unsigned timeout_ms)
{
    uint64_t end = now_ms() + timeout_ms;
    char chunk[4096];

    for (;;) {
        struct pollfd p = { .fd = helper->fd, .events = POLLIN };
        uint64_t now = now_ms();
        ssize_t got = 0;

        if (now >= end || helper->answer.len > ANSWER_MAX)
            return false;
        if (poll(&p, 1, (int)(end - now)) <= 0)
            continue;
        got = read(helper->fd, chunk, sizeof(chunk));
        if (got > 0)
            nvb_buf_add(&helper->answer, chunk, (size_t)got);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
            return true;
    }
}

static int wait_for(pid_t pid)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

/* Helpers tell "not found" by these words on their output, and by nothing else. */
static bool is_not_found(const char *answer)
{
    return strstr(answer, "credentials not found") != NULL;
}

static bool read_login(const struct helper *helper, struct credential *out, struct nvb_err *err)
{
    nvb_autoptr(nvb_json) json = NULL;
    nvb_auto_err why = { 0 }; /* may quote the answer: not passed on */
    const char *user = NULL;
    const char *secret = NULL;

    if (nvb_json_parse(helper->answer.data, helper->answer.len, helper->program, &json, &why)) {
        user = nvb_json_get_str(json, "Username");
        secret = nvb_json_get_str(json, "Secret");
    }
    if (!user || !secret) {
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "'%s' answered with something else",
                        helper->program);
    }
    if (!*secret)
        return true;
    if (strcmp(user, "<token>") == 0) {
        out->identity_token = nvb_xstrdup(secret);
    } else {
        out->username = nvb_xstrdup(user);
        out->password = nvb_xstrdup(secret);
    }
    return true;
}

static bool finish(struct helper *helper,
                   bool is_whole,
                   unsigned timeout_ms,
                   struct credential *out,
                   struct nvb_err *err)
{
    int status = 0;

    if (!is_whole)
        (void)kill(helper->pid, SIGKILL);
    status = wait_for(helper->pid);
    if (!is_whole && helper->answer.len > ANSWER_MAX) {
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "'%s' answered with something else",
                        helper->program);
    }
    if (!is_whole) {
        nvb_fail(err, NVB_D_IMAGE, NVB_E_IO, "'%s' did not answer within %u s", helper->program,
                 (timeout_ms + 999) / 1000);
        return nvb_hint(err, "it may wait for a keyring to be unlocked; try '%s list'",
                        helper->program);
    }
    nvb_buf_add(&helper->answer, "", 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && helper->answer.data)
        return read_login(helper, out, err);
    if (helper->answer.data && is_not_found(helper->answer.data))
        return true;
    nvb_fail(err, NVB_D_IMAGE, NVB_E_IO, "'%s' failed", helper->program);
    return nvb_hint(err, "try '%s list'; it must work for you", helper->program);
}

bool credential_helper_get(const char *name,
                           const char *registry,
                           unsigned timeout_ms,
                           struct credential *out,
                           struct nvb_err *err)
{
    struct helper helper = { .fd = -1 };
    bool ok = false;

    if (!*name || strchr(name, '/')) {
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "'%s' cannot be a credential helper",
                        name);
    }
    helper.program = nvb_xasprintf("docker-credential-%s", name);
    /* Logins at docker.io are kept below this address by every helper. */
    if (strcmp(registry, "docker.io") == 0)
        registry = "https://index.docker.io/v1/";
    ok = start(&helper, registry, err) &&
         finish(&helper, read_answer(&helper, timeout_ms), timeout_ms, out, err);
    if (helper.fd >= 0)
        (void)close(helper.fd);
    if (helper.answer.data)
        explicit_bzero(helper.answer.data, helper.answer.size);
    nvb_buf_clear(&helper.answer);
    free(helper.program);
    return ok;
}
