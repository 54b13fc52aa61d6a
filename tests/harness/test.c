/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tree.h"

enum {
    EXIT_SKIP = 77,
    TIMEOUT_S = 30,
};

/* Set by the linker around the section that TEST() fills. */
extern const struct test __start_nvb_tests[]; // NOLINT(readability-identifier-naming)
extern const struct test __stop_nvb_tests[];  // NOLINT(readability-identifier-naming)

void test_fail(const char *text, const char *file, int line)
{
    printf("# %s:%d: expected %s\n", file, line, text);
    exit(EXIT_FAILURE);
}

void test_expect_str(const char *got, const char *want, const char *file, int line)
{
    if (got && want && strcmp(got, want) == 0)
        return;
    printf("# %s:%d:\n#    got: %s\n#   want: %s\n", file, line, got ? got : "(null)",
           want ? want : "(null)");
    exit(EXIT_FAILURE);
}

void test_skip(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    printf("# ");
    vprintf(fmt, ap);
    printf("\n");
    va_end(ap);
    exit(EXIT_SKIP);
}

static volatile sig_atomic_t stopped_by;

static void stop(int sig)
{
    stopped_by = sig;
}

/* Whoever runs the tests may stop them: then waitpid() must return, so no SA_RESTART. */
static void catch_stops(void)
{
    static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
    struct sigaction action = { .sa_handler = stop };

    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        (void)sigaction(signals[i], &action, NULL);
}

_Noreturn static void run_here(const struct test *t)
{
    (void)signal(SIGINT, SIG_DFL);
    (void)signal(SIGTERM, SIG_DFL);
    (void)signal(SIGHUP, SIG_DFL);
    (void)setpgid(0, 0);
    (void)alarm(TIMEOUT_S);
    t->fn();
    exit(EXIT_SUCCESS);
}

static int run_forked(const struct test *t)
{
    int status = 0;
    pid_t pid = 0;

    (void)fflush(stdout);
    tree_begin();
    pid = fork();
    if (pid == 0)
        run_here(t);
    if (pid > 0) {
        (void)setpgid(pid, pid); /* whoever is first */
        /* A signal for us, or it stopped and would never go on. */
        while (waitpid(pid, &status, WUNTRACED) < 0 || WIFSTOPPED(status))
            (void)kill(-pid, SIGKILL);
        (void)kill(-pid, SIGKILL); /* what it left behind */
    }
    tree_end();
    if (pid < 0)
        return EXIT_FAILURE;
    if (WIFSIGNALED(status)) {
        printf("# killed by %s\n", strsignal(WTERMSIG(status)));
        return EXIT_FAILURE;
    }
    return WEXITSTATUS(status);
}

static int by_line(const void *a, const void *b)
{
    const struct test *const *x = a;
    const struct test *const *y = b;

    return (*x)->line - (*y)->line;
}

/* usage: TEST-PROGRAM [SUBSTRING]  runs the tests whose name contains it. */
int main(int argc, char **argv)
{
    size_t n = (size_t)(__stop_nvb_tests - __start_nvb_tests);
    const struct test *tests[256];
    int failed = 0;
    int number = 0;

    for (size_t i = 0; i < n && i < sizeof(tests) / sizeof(tests[0]); i++)
        tests[i] = &__start_nvb_tests[i];
    catch_stops();
    qsort((void *)tests, n, sizeof(const struct test *), by_line);
    for (size_t i = 0; i < n && !stopped_by; i++) {
        const struct test *t = tests[i];
        int rc = 0;

        if (argc > 1 && !strstr(t->name, argv[1]))
            continue;
        rc = run_forked(t);
        failed += rc != EXIT_SUCCESS && rc != EXIT_SKIP;
        printf("%s %d - %s%s\n", rc == EXIT_SUCCESS || rc == EXIT_SKIP ? "ok" : "not ok", ++number,
               t->name, rc == EXIT_SKIP ? " # SKIP" : "");
    }
    if (stopped_by)
        return 128 + stopped_by; /* without the plan's line, so it cannot be taken for a success */
    printf("1..%d\n", number);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
