/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* kfd.c - the processes that compute on AMD's GPUs, as amdkfd tells them to everyone since 5.9.
 *
 * /sys/class/kfd/kfd/proc/PID/vram_ID holds what a process has of the memory of GPU ID, in bytes; it
 * is there for every GPU as soon as ROCm starts. Which GPU has that ID stands in the topology. The
 * other files there (sdma_ID, stats_ID) wake the GPU and are left alone. */
#include <string.h>

#include "stats/gpu_clients.h"

#define KFD "/sys/class/kfd/kfd"

enum {
    NODES_MAX = 256,      /* of the topology; processors are nodes as well */
    PROCESSES_MAX = 4096, /* times GPUs */
};

struct ids {
    const struct nvb_gpu *gpus[NODES_MAX];
    uint64_t ids[NODES_MAX];
    size_t n;
};

/* "location_id 3072" among lines of a word and a number each. */
static bool read_property(const char *text, const char *name, uint64_t *out)
{
    size_t len = strlen(name);

    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        if (strncmp(line, name, len) == 0 && line[len] == ' ') {
            nvb_autofree char *value = nvb_xstrndup(line + len + 1, strcspn(line + len + 1, "\n"));

            return nvb_parse_u64(nvb_trim(value), UINT64_MAX, out);
        }
    }
    return false;
}

/* The location is bus, device and function in 16 bits, with the number of a partition above them on
 * boards that are divided. */
static const struct nvb_gpu *find_gpu(const struct nvb_gpus *gpus, uint64_t domain, uint64_t place)
{
    nvb_autofree char *address =
        nvb_xasprintf("%04x:%02x:%02x.%x", (unsigned)domain, (unsigned)(place >> 8 & 0xff),
                      (unsigned)(place >> 3 & 0x1f), (unsigned)(place & 7));

    for (size_t i = 0; i < gpus->n; i++) {
        if (gpus->items[i].pci_address && strcmp(gpus->items[i].pci_address, address) == 0)
            return &gpus->items[i];
    }
    return NULL;
}

static void read_node(const struct nvb_host *host,
                      const struct nvb_gpus *gpus,
                      const char *node,
                      struct ids *out)
{
    nvb_autofree char *id_path = nvb_xasprintf(KFD "/topology/nodes/%s/gpu_id", node);
    nvb_autofree char *path = nvb_xasprintf(KFD "/topology/nodes/%s/properties", node);
    nvb_autofree char *text = NULL;
    uint64_t id = 0;
    uint64_t domain = 0;
    uint64_t place = 0;

    if (out->n == NODES_MAX || !nvb_host_read_u64(host, id_path, &id) || id == 0)
        return; /* 0: a processor */
    text = nvb_host_dup_text(host, path, NVB_HOST_FILE_MAX);
    if (!text || !read_property(text, "location_id", &place))
        return;
    (void)read_property(text, "domain", &domain);
    out->gpus[out->n] = find_gpu(gpus, domain, place);
    out->ids[out->n] = id;
    out->n += out->gpus[out->n] != NULL;
}

static void add(struct nvb_gpu_clients *out, uint32_t pid, unsigned gpu, uint64_t bytes)
{
    for (size_t i = out->n_computing; i > 0 && out->computing[i - 1].pid == pid; i--) {
        struct nvb_kfd_process *other = &out->computing[i - 1];

        if (other->gpu == gpu) { /* two partitions of one board */
            if (bytes <= UINT64_MAX - other->memory_bytes)
                other->memory_bytes += bytes;
            return;
        }
    }
    if (out->n_computing == PROCESSES_MAX) {
        out->is_cut = true;
        return;
    }
    out->computing = nvb_xrealloc(out->computing, out->n_computing + 1, sizeof(*out->computing));
    out->computing[out->n_computing++] =
        (struct nvb_kfd_process){ .pid = pid, .gpu = gpu, .memory_bytes = bytes };
}

static void read_process(const struct nvb_host *host,
                         const struct ids *ids,
                         const char *name,
                         struct nvb_gpu_clients *out)
{
    uint64_t pid = 0;

    if (!nvb_parse_u64(name, INT32_MAX, &pid))
        return;
    for (size_t i = 0; i < ids->n; i++) {
        nvb_autofree char *path =
            nvb_xasprintf(KFD "/proc/%s/vram_%llu", name, (unsigned long long)ids->ids[i]);
        uint64_t bytes = 0;

        if (nvb_host_read_u64(host, path, &bytes) && bytes > 0 && bytes <= INT64_MAX)
            add(out, (uint32_t)pid, ids->gpus[i]->index, bytes);
    }
}

/* The numbers are those of the first process namespace; in a container they mean other processes. */
static bool are_numbers_foreign(const struct nvb_host *host)
{
    nvb_autofree char *link = nvb_host_dup_link(host, "/proc/self/ns/pid");

    return link && strcmp(link, "pid:[4026531836]") != 0;
}

void nvb_kfd_read(const struct nvb_host *host,
                  const struct nvb_gpus *gpus,
                  struct nvb_gpu_clients *out)
{
    nvb_auto_strv processes = { 0 };
    nvb_auto_strv nodes = { 0 };
    nvb_auto_err ignored = { 0 };
    struct ids ids = { 0 };

    (void)nvb_list_in_root(host->root_fd, KFD "/proc", &processes, &ignored);
    if (processes.n == 0 || are_numbers_foreign(host))
        return;
    (void)nvb_list_in_root(host->root_fd, KFD "/topology/nodes", &nodes, &ignored);
    for (size_t i = 0; i < nodes.n; i++)
        read_node(host, gpus, nodes.items[i], &ids);
    for (size_t i = 0; i < processes.n; i++)
        read_process(host, &ids, processes.items[i], out);
}
