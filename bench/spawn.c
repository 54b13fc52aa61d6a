/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* spawn.c - time whole processes against each other and print every sample as JSON.
 *
 * All commands take part in each round, in a new order each round (always the same orders, from
 * a fixed seed): what one leaves to the kernel, such as a network namespace to take down, falls
 * on each neighbour alike, and a slow minute of the machine on everyone. posix_spawn shares the
 * starter's memory until exec, so the starter's own size does not count.
 *
 * usage: spawn [-n ROUNDS] [-w WARMUPS] [-p PAUSE_US] NAME COMMAND [ARG...] [::: NAME COMMAND...]... */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    N_MAX = 16
};

struct sample {
    int64_t ns;
    long max_rss_kib;
    int status;
};

struct contender {
    const char *name;
    char **argv;
    struct sample *samples; /* owned by main, one a round */
};

struct settings {
    unsigned long n_rounds;
    unsigned long n_warmups;
    unsigned long pause_us; /* lets the kernel finish the last one's leftovers */
};

static void __attribute__((noreturn)) fail(const char *what, int error)
{
    (void)fprintf(stderr, "spawn: %s: %s\n", what, strerror(error));
    exit(1);
}

static int64_t now_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static struct sample run_once(char **argv, const posix_spawn_file_actions_t *actions)
{
    struct sample sample = { 0 };
    struct rusage usage;
    int64_t start = now_ns();
    pid_t pid;
    int error = posix_spawnp(&pid, argv[0], actions, NULL, argv, environ);

    if (error != 0)
        fail(argv[0], error);
    while (wait4(pid, &sample.status, 0, &usage) < 0) {
        if (errno != EINTR)
            fail("wait", errno);
    }
    sample.ns = now_ns() - start;
    sample.max_rss_kib = usage.ru_maxrss;
    return sample;
}

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void shuffle(size_t *order, size_t n, uint64_t *state)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = (size_t)(next_random(state) % i);
        size_t held = order[i - 1];

        order[i - 1] = order[j];
        order[j] = held;
    }
}

/* What `2>/dev/null` was made of. */
static bool is_device(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && !isatty(fd);
}

static void run_all(struct contender *contenders, size_t n, const struct settings *settings)
{
    posix_spawn_file_actions_t actions;
    uint64_t state = 88172645463325252U;
    size_t order[N_MAX];
    int nowhere = memfd_create("standard streams", MFD_CLOEXEC);

    /* Not /dev/null, not for errors either: crun gives its standard descriptors to the container's
     * user, and for root that would be the machine's own device. */
    if (nowhere < 0 || posix_spawn_file_actions_init(&actions) != 0 ||
        posix_spawn_file_actions_adddup2(&actions, nowhere, 0) != 0 ||
        posix_spawn_file_actions_adddup2(&actions, nowhere, 1) != 0 ||
        (is_device(2) && posix_spawn_file_actions_adddup2(&actions, nowhere, 2) != 0))
        fail("file actions", ENOMEM);
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    for (unsigned long round = 0; round < settings->n_warmups + settings->n_rounds; round++) {
        shuffle(order, n, &state);
        for (size_t i = 0; i < n; i++) {
            struct contender *contender = &contenders[order[i]];
            struct sample sample;

            (void)usleep((useconds_t)settings->pause_us);
            sample = run_once(contender->argv, &actions);
            if (round >= settings->n_warmups)
                contender->samples[round - settings->n_warmups] = sample;
        }
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)close(nowhere);
}

static void print_contender(const struct contender *contender, unsigned long n, bool is_last)
{
    const struct sample *s = contender->samples;
    unsigned long n_failed = 0;

    printf("  \"%s\": {\n    \"ms\": [", contender->name);
    for (unsigned long i = 0; i < n; i++)
        printf("%s%.3f", i > 0 ? ", " : "", (double)s[i].ns / 1e6);
    printf("],\n    \"max_rss_kib\": [");
    for (unsigned long i = 0; i < n; i++)
        printf("%s%ld", i > 0 ? ", " : "", s[i].max_rss_kib);
    for (unsigned long i = 0; i < n; i++)
        n_failed += s[i].status != 0;
    printf("],\n    \"failed\": %lu\n  }%s\n", n_failed, is_last ? "" : ",");
}

/* Cut argv at ":::"; each piece is a name and a command. */
static size_t split(int argc, char **argv, struct contender *contenders)
{
    size_t n = 0;

    for (int i = 0; i < argc; i++) {
        if (n == N_MAX || i + 1 >= argc)
            return 0;
        contenders[n].name = argv[i];
        contenders[n++].argv = argv + i + 1;
        while (i < argc && strcmp(argv[i], ":::") != 0)
            i++;
        if (i < argc)
            argv[i] = NULL;
    }
    return n;
}

int main(int argc, char **argv)
{
    struct settings settings = { .n_rounds = 100, .n_warmups = 5, .pause_us = 5000 };
    struct contender contenders[N_MAX] = { 0 };
    size_t n;
    int opt;

    while ((opt = getopt(argc, argv, "+n:w:p:")) != -1) {
        if (opt == '?')
            return 2;
        *(opt == 'n'   ? &settings.n_rounds
          : opt == 'w' ? &settings.n_warmups
                       : &settings.pause_us) = strtoul(optarg, NULL, 10);
    }
    n = split(argc - optind, argv + optind, contenders);
    if (n == 0 || settings.n_rounds == 0) {
        (void)fputs("usage: spawn [-n ROUNDS] [-w WARMUPS] [-p PAUSE_US] "
                    "NAME COMMAND [ARG...] [::: NAME COMMAND [ARG...]]...\n",
                    stderr);
        return 2;
    }
    for (size_t i = 0; i < n; i++) {
        contenders[i].samples = calloc(settings.n_rounds, sizeof(struct sample));
        if (contenders[i].samples == NULL)
            fail("samples", ENOMEM);
    }
    run_all(contenders, n, &settings);
    printf("{\n");
    for (size_t i = 0; i < n; i++)
        print_contender(&contenders[i], settings.n_rounds, i + 1 == n);
    printf("}\n");
    for (size_t i = 0; i < n; i++)
        free(contenders[i].samples);
    return 0;
}
