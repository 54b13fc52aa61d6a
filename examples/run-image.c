/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* run-image.c - a command in a container, with every GPU of the machine.
 *
 *   cc -o run-image run-image.c $(pkg-config --cflags --libs nvbind)
 *   ./run-image host vulkaninfo --summary */
#include <nvbind/nvbind.h>
#include <stdlib.h>
#include <string.h>

static void on_notice(void *data, const char *text)
{
    (void)data;
    fprintf(stderr, "run-image: %s\n", text);
}

/* A list that ends with NULL, and belongs to the request. */
static char **copy_words(char **words, int n)
{
    char **copy = calloc((size_t)n + 1, sizeof(*copy));

    for (int i = 0; copy && i < n; i++)
        copy[i] = strdup(words[i]);
    return copy;
}

int main(int argc, char **argv)
{
    const struct nvb_run_listener listener = { .notice = on_notice };
    struct nvb_request *request = nvb_request_new();
    struct nvb_err err = { 0 };
    int status = 125;

    if (argc < 3) {
        fputs("usage: run-image IMAGE COMMAND [ARGUMENT]...\n", stderr);
        nvb_request_free(request);
        return 2;
    }
    request->image = strdup(argv[1]);
    request->command = copy_words(argv + 2, argc - 2);
    request->n_command = (size_t)argc - 2;
    nvb_request_add_gpu(request, "all");
    if (!nvb_run(request, &listener, &status, &err)) {
        nvb_err_print(&err, "run-image", stderr);
        nvb_err_clear(&err);
    }
    nvb_request_free(request);
    return status;
}
