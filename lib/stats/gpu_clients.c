/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "stats/gpu_clients.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "host/gpu.h"
#include "stats/gpu_live.h"

enum {
    /* Someone may open a node as often as he likes; others are still to be found. */
    CLIENTS_MAX = 4096,
    FILES_MAX = 1024, /* of one process */
};

struct pass {
    const struct nvb_host *host;
    const struct nvb_gpus *gpus;
    bool *is_asleep; /* of each GPU */
    bool is_any_asleep;
    struct nvb_gpu_clients *out;
};

struct pids {
    uint32_t *items;
    size_t n;
};

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

/* The lowest numbers first, whatever order the directory has. */
static void list_pids(const struct nvb_host *host, struct pids *out)
{
    int fd = nvb_open_in_root(host->root_fd, "/proc", O_RDONLY | O_DIRECTORY);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    size_t size = 0;

    if (!dir) {
        if (fd >= 0)
            (void)close(fd);
        return;
    }
    for (const struct dirent *entry = NULL; (entry = readdir(dir));) {
        uint64_t pid = 0;

        if (!nvb_parse_u64(entry->d_name, INT32_MAX, &pid))
            continue;
        if (out->n == size) {
            size = size ? size * 2 : 512;
            out->items = nvb_xrealloc(out->items, size, sizeof(*out->items));
        }
        out->items[out->n++] = (uint32_t)pid;
    }
    (void)closedir(dir);
    if (out->n > 1)
        qsort(out->items, out->n, sizeof(*out->items), by_number);
}

/* Kernel threads have no command line, and no descriptors either. A zombie has neither. */
static bool is_program(const struct nvb_host *host, uint32_t pid)
{
    nvb_autofree char *path = nvb_xasprintf("/proc/%u/cmdline", pid);
    nvb_autofree char *line = NULL;
    nvb_auto_err ignored = { 0 };
    size_t len = 0;

    return !nvb_read_in_root(host->root_fd, path, NVB_HOST_FILE_MAX, &line, &len, &ignored) ||
           len > 0;
}

/* A GPU's own node in a path, or NULL. In another root directory there is more in front of it. */
static const char *find_node(const char *path)
{
    const char *node = strstr(path, "/dev/dri/");

    if (node)
        return node;
    node = strstr(path, "/dev/nvidia");
    return node && isdigit((unsigned char)node[strlen("/dev/nvidia")]) ? node : NULL;
}

static const struct nvb_gpu *find_by_node(const struct nvb_gpus *gpus, const char *node)
{
    for (size_t i = 0; i < gpus->n; i++) {
        for (size_t k = 0; k < gpus->items[i].n_nodes; k++) {
            if (strcmp(gpus->items[i].nodes[k], node) == 0)
                return &gpus->items[i];
        }
    }
    return NULL;
}

static const struct nvb_gpu *find_by_address(const struct nvb_gpus *gpus, const char *address)
{
    for (size_t i = 0; i < gpus->n; i++) {
        if (gpus->items[i].pci_address && strcmp(gpus->items[i].pci_address, address) == 0)
            return &gpus->items[i];
    }
    return NULL;
}

/* The same client by another descriptor, perhaps of another process; of what is not told, the same
 * process. */
static bool is_there(const struct nvb_gpu_clients *clients, const struct nvb_gpu_client *client)
{
    bool has_id = client->is_told && client->info.has_client_id;

    for (size_t i = clients->n; i > 0; i--) {
        const struct nvb_gpu_client *other = &clients->items[i - 1];

        if (!has_id && other->pid != client->pid)
            return false;
        if (other->gpu != client->gpu)
            continue;
        if (!has_id || (other->is_told && other->info.has_client_id &&
                        other->info.client_id == client->info.client_id))
            return true;
    }
    return false;
}

static void add_client(struct nvb_gpu_clients *out, const struct nvb_gpu_client *client)
{
    if (is_there(out, client))
        return;
    if (out->n == CLIENTS_MAX) {
        out->is_cut = true;
        return;
    }
    if ((out->n & (out->n - 1)) == 0) /* at each power of two */
        out->items = nvb_xrealloc(out->items, out->n ? out->n * 2 : 1, sizeof(*out->items));
    out->items[out->n++] = *client;
}

/* In a container a node may have another GPU's name: the address that the driver tells counts. */
static void read_client(struct pass *pass, uint32_t pid, const char *fd, const char *node)
{
    nvb_autofree char *path = nvb_xasprintf("/proc/%u/fdinfo/%s", pid, fd);
    nvb_autofree char *text = NULL;
    const struct nvb_gpu *gpu = find_by_node(pass->gpus, node);
    struct nvb_gpu_client client = { .pid = pid };

    if (gpu ? pass->is_asleep[gpu->index] : pass->is_any_asleep)
        return;
    text = nvb_host_dup_text(pass->host, path, NVB_FDINFO_MAX);
    client.time_ns = nvb_gpu_now_ns();
    client.is_told = text && nvb_fdinfo_parse(text, &client.info);
    if (client.is_told && *client.info.pci_address)
        gpu = find_by_address(pass->gpus, client.info.pci_address);
    if (!gpu)
        return;
    client.gpu = gpu->index;
    add_client(pass->out, &client);
}

/* What the kernel adds to a link when the node is gone, as in a container that has ended. */
static void cut_deleted(char *link)
{
    char *deleted = strstr(link, " (deleted)");

    if (deleted)
        *deleted = '\0';
}

static void read_process(struct pass *pass, uint32_t pid)
{
    nvb_autofree char *path = nvb_xasprintf("/proc/%u/fd", pid);
    int fd = nvb_open_in_root(pass->host->root_fd, path, O_RDONLY | O_DIRECTORY);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    size_t n = 0;

    if (!dir) {
        if (fd >= 0)
            (void)close(fd);
        if ((errno == EACCES || errno == EPERM) && is_program(pass->host, pid))
            pass->out->n_unseen++;
        return;
    }
    pass->out->is_known = true;
    for (const struct dirent *entry = NULL; (entry = readdir(dir)) && n < FILES_MAX;) {
        char link[PATH_MAX];
        ssize_t len = readlinkat(fd, entry->d_name, link, sizeof(link) - 1);
        const char *node = NULL;

        if (len <= 0)
            continue;
        link[len] = '\0';
        cut_deleted(link);
        node = find_node(link);
        if (node && isdigit((unsigned char)entry->d_name[0])) {
            read_client(pass, pid, entry->d_name, node);
            n++;
        }
    }
    pass->out->is_cut = pass->out->is_cut || n == FILES_MAX;
    (void)closedir(dir);
}

bool nvb_gpu_has_clients(const struct nvb_gpu *gpu)
{
    for (size_t i = 0; i < gpu->n_nodes; i++) {
        if (find_node(gpu->nodes[i]))
            return true;
    }
    return false;
}

void nvb_gpu_clients_read(const struct nvb_host *host,
                          const struct nvb_gpus *gpus,
                          struct nvb_gpu_clients *out)
{
    nvb_autofree bool *is_asleep = nvb_xcalloc(gpus->n + 1, sizeof(*is_asleep));
    struct nvb_gpu_clients clients = { 0 };
    struct pass pass = { .host = host, .gpus = gpus, .is_asleep = is_asleep, .out = &clients };
    struct pids pids = { 0 };
    size_t n_wanted = 0;

    *out = clients;
    for (size_t i = 0; i < gpus->n; i++) {
        is_asleep[i] = nvb_gpu_is_asleep(host, &gpus->items[i]);
        pass.is_any_asleep = pass.is_any_asleep || is_asleep[i];
        n_wanted += nvb_gpu_has_clients(&gpus->items[i]);
    }
    if (n_wanted == 0)
        return;
    list_pids(host, &pids);
    for (size_t i = 0; i < pids.n; i++)
        read_process(&pass, pids.items[i]);
    clients.has_hidden = host->is_live && pids.n > 0 && pids.items[0] != 1;
    free(pids.items);
    nvb_kfd_read(host, gpus, &clients);
    *out = clients;
}

void nvb_gpu_clients_clear(struct nvb_gpu_clients *clients)
{
    free(clients->items);
    free(clients->computing);
    *clients = (struct nvb_gpu_clients){ 0 };
}

/* Part of a whole in percent; more than the whole is a matter of when the two were read. */
static unsigned percent(uint64_t part, uint64_t whole, unsigned capacity)
{
    double value = (double)part * 100 / ((double)whole * capacity);

    return value >= 100 ? 100 : (unsigned)(value + 0.5);
}

/* A counter that fell back stands still until it has caught up. False when nothing can be said. */
static bool compare_engine(const struct nvb_fdinfo_engine *before,
                           const struct nvb_fdinfo_engine *now,
                           uint64_t elapsed_ns,
                           unsigned *out)
{
    bool has_cycles = before->has_cycles && before->has_total_cycles && now->has_cycles &&
                      now->has_total_cycles && now->total_cycles > before->total_cycles;

    if (has_cycles) {
        uint64_t busy = now->cycles > before->cycles ? now->cycles - before->cycles : 0;

        *out = percent(busy, now->total_cycles - before->total_cycles, now->capacity);
        return true;
    }
    if (before->has_busy && now->has_busy && elapsed_ns > 0) {
        uint64_t busy = now->busy_ns > before->busy_ns ? now->busy_ns - before->busy_ns : 0;

        *out = percent(busy, elapsed_ns, now->capacity);
        return true;
    }
    return false;
}

static void compare_client(const struct nvb_gpu_client *before, struct nvb_gpu_client *now)
{
    uint64_t elapsed_ns = now->time_ns > before->time_ns ? now->time_ns - before->time_ns : 0;

    for (size_t i = 0; i < now->info.n_engines; i++) {
        const struct nvb_fdinfo_engine *engine = &now->info.engines[i];
        unsigned *busiest = &now->busy_percent[engine->work];
        unsigned value = 0;

        for (size_t k = 0; k < before->info.n_engines; k++) {
            if (strcmp(before->info.engines[k].name, engine->name) != 0 ||
                !compare_engine(&before->info.engines[k], engine, elapsed_ns, &value))
                continue;
            now->has_busy = true;
            if (value > *busiest)
                *busiest = value;
        }
    }
}

static bool is_same(const struct nvb_gpu_client *a, const struct nvb_gpu_client *b)
{
    return a->is_told && b->is_told && a->gpu == b->gpu && a->info.has_client_id &&
           b->info.has_client_id && a->info.client_id == b->info.client_id;
}

void nvb_gpu_clients_compare(const struct nvb_gpu_clients *before, struct nvb_gpu_clients *now)
{
    for (size_t i = 0; i < now->n; i++) {
        for (size_t k = 0; k < before->n; k++) {
            if (is_same(&before->items[k], &now->items[i]))
                compare_client(&before->items[k], &now->items[i]);
        }
    }
}
