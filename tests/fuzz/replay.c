/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* replay.c - runs a fuzz target over its saved inputs, so that every compiler checks them. */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(int dir_fd, const char *name)
{
    nvb_autoclose int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);
    nvb_autofree uint8_t *data = NULL;
    struct stat st;
    ssize_t got = 0;

    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return 0;
    data = malloc((size_t)st.st_size + 1);
    if (!data)
        abort();
    got = read(fd, data, (size_t)st.st_size);
    return got < 0 ? -1 : LLVMFuzzerTestOneInput(data, (size_t)got);
}

int main(int argc, char **argv)
{
    DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;
    int n = 0;

    if (!dir)
        return EXIT_FAILURE;
    for (const struct dirent *e = NULL; (e = readdir(dir)); n++) {
        if (replay(dirfd(dir), e->d_name) != 0)
            return EXIT_FAILURE;
    }
    printf("ok 1 - %d inputs\n1..1\n", n);
    (void)closedir(dir);
    return EXIT_SUCCESS;
}
