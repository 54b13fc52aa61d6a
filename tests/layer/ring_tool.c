/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* ring_tool.c - the host's side of a ring file by hand, for the system tests and benchmarks.
 *   ring_tool prepare FILE        make a ring
 *   ring_tool limit FILE FPS      set the frame limit
 *   ring_tool show FILE           print what games left in it, as JSON
 *   ring_tool follow FILE         drain every 100 ms until stdin ends, then print as show does */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stats/frames.h"

static int show(int fd, bool is_following)
{
    nvb_autoptr(nvb_frames) frames = nvb_frames_new(fd);
    nvb_autoptr(nvb_json) json = NULL;
    struct pollfd end = { .fd = STDIN_FILENO, .events = POLLIN };

    while (is_following && poll(&end, 1, 100) == 0)
        nvb_frames_drain(frames);
    nvb_frames_drain(frames);
    json = nvb_frames_to_json(frames, true);
    nvb_json_print(json, stdout);
    return EXIT_SUCCESS;
}

static int finish(bool ok, struct nvb_err *err)
{
    if (!ok)
        nvb_err_print(err, "ring_tool", stderr);
    nvb_err_clear(err);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    const char *verb = argc > 2 ? argv[1] : "";
    int fd = argc > 2 ? open(argv[2], O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    struct nvb_err err = { 0 };

    if (fd < 0) {
        (void)fprintf(stderr, "usage: ring_tool prepare|limit|show|follow FILE [FPS]: %s\n",
                      argc > 2 ? strerror(errno) : "no file");
        return 2;
    }
    if (strcmp(verb, "prepare") == 0)
        return finish(nvb_ring_prepare(fd, &err), &err);
    if (strcmp(verb, "limit") == 0 && argc > 3)
        return finish(nvb_ring_set_limit(fd, strtod(argv[3], NULL), &err), &err);
    if (strcmp(verb, "show") == 0 || strcmp(verb, "follow") == 0)
        return show(fd, strcmp(verb, "follow") == 0);
    return 2;
}
