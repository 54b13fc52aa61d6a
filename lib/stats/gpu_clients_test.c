/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "stats/gpu_clients.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "library.h"
#include "machine.h"
#include "stats/gpu_live.h"
#include "test.h"
#include "tree.h"

#define AMD_PDEV "drm-driver:\tamdgpu\ndrm-pdev:\t0000:0c:00.0\n"

/* GPU 0 is an AMD board with renderD128, GPU 1 one of NVIDIA's on nouveau with renderD129. */
static const char *make_tree(void)
{
    const char *tree = tree_new();

    machine_gpu(tree, "0000:0c:00.0", "0x1002\n", "0x73bf\n", "amdgpu", 0);
    machine_gpu(tree, "0000:41:00.0", "0x10de\n", "0x1c82\n", "nouveau", 1);
    return tree;
}

static void
open_node(const char *tree, unsigned pid, unsigned fd, const char *link, const char *text)
{
    char path[64];

    (void)snprintf(path, sizeof(path), "proc/%u/fd/%u", pid, fd);
    tree_link(tree, path, link);
    (void)snprintf(path, sizeof(path), "proc/%u/fdinfo/%u", pid, fd);
    tree_put(tree, path, text);
}

static void read_tree(const char *tree, struct nvb_gpu_clients *out)
{
    nvb_autoptr(nvb_host) host = NULL;
    nvb_auto_err err = { 0 };
    struct nvb_gpus gpus = { 0 };

    EXPECT(nvb_host_open(tree, &host, &err) && nvb_gpus_find(host, &gpus, &err));
    nvb_gpu_clients_read(host, &gpus, out);
    nvb_gpus_clear(&gpus);
}

static void read_live(const char *tree, unsigned gpu, struct nvb_gpu_live *out)
{
    nvb_autoptr(nvb_host) host = NULL;
    nvb_auto_gpu_clients clients = { 0 };
    nvb_auto_err err = { 0 };
    struct nvb_gpus gpus = { 0 };

    EXPECT(nvb_host_open(tree, &host, &err) && nvb_gpus_find(host, &gpus, &err));
    nvb_gpu_clients_read(host, &gpus, &clients);
    nvb_gpu_live_read(host, NULL, &clients, &gpus.items[gpu], out);
    nvb_gpus_clear(&gpus);
}

TEST(without_a_proc_nothing_is_known)
{
    nvb_auto_gpu_clients clients = { 0 };
    nvb_auto_gpu_live live = { 0 };

    read_tree(make_tree(), &clients);
    EXPECT(!clients.is_known && clients.n == 0);
    read_live(make_tree(), 0, &live);
    EXPECT(!live.has_processes);
}

TEST(a_client_is_counted_once_and_to_the_lowest_process)
{
    const char *tree = make_tree();
    nvb_auto_gpu_clients clients = { 0 };

    open_node(tree, 100, 3, "/dev/dri/renderD128", AMD_PDEV "drm-client-id:\t5\n");
    open_node(tree, 100, 4, "/dev/dri/renderD128", AMD_PDEV "drm-client-id:\t6\n");
    open_node(tree, 9, 12, "/dev/dri/renderD128", AMD_PDEV "drm-client-id:\t5\n");
    open_node(tree, 9, 7, "/dev/dri/card0", AMD_PDEV "drm-client-id:\t5\n");
    open_node(tree, 9, 8, "socket:[4242]", AMD_PDEV "drm-client-id:\t8\n");
    read_tree(tree, &clients);
    EXPECT(clients.is_known && clients.n == 2 && clients.n_unseen == 0);
    EXPECT(clients.items[0].pid == 9 && clients.items[0].info.client_id == 5);
    EXPECT(clients.items[1].pid == 100 && clients.items[1].info.client_id == 6);
}

TEST(the_address_counts_and_not_what_a_container_calls_the_node)
{
    const char *tree = make_tree();
    nvb_auto_gpu_clients clients = { 0 };

    open_node(tree, 1, 3, "/dev/dri/renderD129", AMD_PDEV "drm-client-id:\t1\n");
    open_node(tree, 2, 3, "/srv/root/dev/dri/renderD200", AMD_PDEV "drm-client-id:\t2\n");
    open_node(tree, 3, 3, "/dev/dri/renderD129 (deleted)", "drm-driver:\tx\ndrm-client-id:\t1\n");
    open_node(tree, 4, 3, "/dev/dri/renderD128",
              "drm-driver:\tx\ndrm-pdev:\t0000:99:00.0\ndrm-client-id:\t9\n");
    read_tree(tree, &clients);
    EXPECT(clients.n == 3);
    EXPECT(clients.items[0].gpu == 0 && clients.items[1].gpu == 0);
    EXPECT(clients.items[2].gpu == 1 && clients.items[2].pid == 3);
}

TEST(of_a_driver_that_tells_nothing_it_is_known_who_has_the_gpu_open)
{
    const char *tree = tree_new();
    nvb_auto_gpu_clients clients = { 0 };
    nvb_auto_gpu_live live = { 0 };

    machine_nvidia(tree);
    machine_nvidia_gpu(tree, "0000:01:00.0", 0);
    open_node(tree, 7, 3, "/dev/nvidia0", "pos:\t0\n");
    open_node(tree, 7, 4, "/dev/nvidia0", "pos:\t0\n");
    open_node(tree, 7, 5, "/dev/dri/renderD128", "pos:\t0\n");
    open_node(tree, 8, 5, "/dev/nvidiactl", "pos:\t0\n");
    open_node(tree, 8, 6, "/dev/nvidia-uvm", "pos:\t0\n");
    read_tree(tree, &clients);
    EXPECT(clients.n == 1 && clients.items[0].pid == 7 && !clients.items[0].is_told);
    read_live(tree, 0, &live);
    EXPECT(live.has_processes && live.n_processes == 1 && !live.processes[0].has_memory);
    EXPECT(!live.processes[0].is_drawing && !live.processes[0].is_computing);
}

TEST(a_sleeping_gpu_is_not_woken_by_its_clients)
{
    const char *tree = make_tree();
    nvb_auto_gpu_clients clients = { 0 };
    nvb_auto_gpu_live live = { 0 };

    tree_put(tree, "sys/devices/pci0000:00/0000:0c:00.0/power/runtime_status", "suspended\n");
    open_node(tree, 7, 3, "/dev/dri/renderD128", AMD_PDEV "drm-client-id:\t1\n");
    open_node(tree, 7, 4, "/dev/dri/renderD222", AMD_PDEV "drm-client-id:\t2\n");
    open_node(tree, 7, 5, "/dev/dri/renderD129", "drm-driver:\tx\ndrm-client-id:\t1\n");
    read_tree(tree, &clients);
    EXPECT(clients.n == 1 && clients.items[0].gpu == 1);
    read_live(tree, 0, &live);
    EXPECT(live.is_asleep && !live.has_processes);
}

/* What root may not be denied is denied to another user. */
static void become_nobody(const char *tree)
{
    EXPECT(chmod(tree, 0755) == 0);
    if (geteuid() == 0)
        EXPECT(setresuid(65534, 65534, 65534) == 0);
}

TEST(what_may_not_be_looked_into_is_counted)
{
    const char *tree = make_tree();
    nvb_autoptr(nvb_host) host = NULL;
    nvb_auto_gpu_clients clients = { 0 };
    nvb_auto_err err = { 0 };
    struct nvb_gpus gpus = { 0 };
    char path[256];

    tree_put(tree, "proc/2/cmdline", ""); /* a kernel thread */
    tree_put(tree, "proc/50/cmdline", "Xorg");
    tree_put_bytes(tree, "proc/51/cmdline", "", 1); /* hides its name, is a program all the same */
    open_node(tree, 60, 3, "/dev/dri/renderD128", AMD_PDEV "drm-client-id:\t1\n");
    for (unsigned pid = 2; pid <= 51; pid += pid == 2 ? 48 : 1) {
        (void)snprintf(path, sizeof(path), "%s/proc/%u/fd", tree, pid);
        EXPECT(mkdir(path, 0) == 0);
    }
    EXPECT(nvb_host_open(tree, &host, &err) && nvb_gpus_find(host, &gpus, &err));
    become_nobody(tree);
    nvb_gpu_clients_read(host, &gpus, &clients);
    nvb_gpus_clear(&gpus);
    EXPECT(clients.is_known && clients.n_unseen == 2 && clients.n == 1);
}

TEST(a_hostile_proc_neither_blocks_nor_misleads)
{
    const char *tree = make_tree();
    nvb_auto_gpu_clients clients = { 0 };
    nvb_auto_buf huge = { 0 };

    nvb_buf_add_str(&huge, "drm-driver:\tamdgpu\n");
    while (huge.len <= NVB_FDINFO_MAX)
        nvb_buf_add_str(&huge, "drm-client-id:\t1\n");
    open_node(tree, 1, 3, "/dev/dri/renderD128", huge.data);
    tree_link(tree, "proc/2/fd/3", "/dev/dri/renderD128");
    tree_fifo(tree, "proc/2/fdinfo/3");
    tree_link(tree, "proc/3/fd/3", "/dev/dri/renderD128");
    tree_link(tree, "proc/3/fdinfo/3", "3");
    tree_fifo(tree, "proc/4/fd");
    tree_link(tree, "proc/5", "/proc/5");
    tree_put(tree, "proc/6/fd/7", "no link");
    tree_link(tree, "proc/8/fd/..x", "/dev/dri/renderD128");
    tree_link(tree, "proc/8/fd/x", "/dev/dri/renderD128");
    tree_link(tree, "proc/9/fd/3", "/dev/dri/../../../etc/shadow");
    tree_link(tree, "proc/10/fd/3", "/dev/dri/");
    tree_put(tree, "proc/99999999999999999999/fd/x", "");
    tree_put(tree, "proc/-1/fd/x", "");
    tree_put_bytes(tree, "proc/11/fdinfo/3", "\0\xff\x1b[2J\ndrm-driver:\tx\n", 20);
    tree_link(tree, "proc/11/fd/3", "/dev/dri/renderD129");
    read_tree(tree, &clients);
    /* 1, 2, 3 and 11 have it open; nothing that their files say is believed. */
    EXPECT(clients.n == 4);
    for (size_t i = 0; i < clients.n; i++)
        EXPECT(!clients.items[i].is_told);
}

TEST(one_process_cannot_hide_the_others)
{
    const char *tree = make_tree();
    nvb_auto_gpu_clients clients = { 0 };

    for (unsigned fd = 0; fd < 1100; fd++) {
        char text[128];

        (void)snprintf(text, sizeof(text), AMD_PDEV "drm-client-id:\t%u\n", fd);
        open_node(tree, 1, fd, "/dev/dri/renderD128", text);
    }
    open_node(tree, 2, 3, "/dev/dri/renderD128", AMD_PDEV "drm-client-id:\t9999\n");
    read_tree(tree, &clients);
    EXPECT(clients.is_cut && clients.n == 1025);
    EXPECT(clients.items[1024].pid == 2);
}

TEST(processes_are_put_together_from_their_clients)
{
    const char *tree = make_tree();
    nvb_auto_gpu_live live = { 0 };

    tree_put(tree, "proc/5/comm", "game\x1b[2J.exe\n");
    open_node(tree, 5, 3, "/dev/dri/renderD128",
              AMD_PDEV "drm-client-id:\t1\ndrm-memory-vram:\t100 MiB\ndrm-memory-gtt:\t3 MiB\n"
                       "drm-engine-gfx:\t9 ns\n");
    open_node(tree, 5, 4, "/dev/dri/renderD128",
              AMD_PDEV "drm-client-id:\t2\ndrm-memory-vram:\t28 MiB\ndrm-engine-dec:\t1 ns\n");
    open_node(tree, 5, 9, "/dev/dri/card0",
              AMD_PDEV "drm-client-id:\t1\ndrm-memory-vram:\t100 MiB\n");
    open_node(tree, 812, 3, "/dev/dri/card0",
              AMD_PDEV "drm-client-id:\t3\ndrm-memory-vram:\t0 KiB\n"); /* logind */
    open_node(tree, 900, 3, "/dev/dri/card0", AMD_PDEV "drm-client-id:\t4\n");
    read_live(tree, 0, &live);
    EXPECT(live.has_processes && live.n_processes == 2 && live.n_unseen_processes == 0);
    EXPECT(live.processes[0].pid == 5 && live.processes[0].memory_bytes == 128 << 20);
    EXPECT(live.processes[0].system_memory_bytes == 3 << 20);
    EXPECT(live.processes[0].is_drawing && live.processes[0].is_coding);
    EXPECT(!live.processes[0].is_computing && !live.processes[0].has_busy);
    EXPECT_STR(live.processes[0].name, "game?[2J.exe");
    EXPECT(live.processes[1].pid == 900 && !live.processes[1].has_memory);
    EXPECT(!live.has[NVB_FIGURE_UTILISATION]);
}

#define KFD "sys/class/kfd/kfd/"

TEST(compute_processes_of_every_user_are_known_on_amd)
{
    const char *tree = make_tree();
    nvb_auto_gpu_live live = { 0 };

    tree_put(tree, KFD "topology/nodes/0/gpu_id", "0\n");
    tree_put(tree, KFD "topology/nodes/0/properties", "cpu_cores_count 16\nlocation_id 0\n");
    tree_put(tree, KFD "topology/nodes/1/gpu_id", "51963\n");
    tree_put(tree, KFD "topology/nodes/1/properties",
             "simd_count 144\nlocation_id 3072\ndomain 0\ndrm_render_minor 128\n");
    tree_put(tree, KFD "topology/nodes/2/gpu_id", "7\n"); /* a partition of the same board */
    tree_put(tree, KFD "topology/nodes/2/properties", "location_id 268438528\ndomain 0\n");
    tree_put(tree, KFD "proc/4242/vram_51963", "1073741824\n");
    tree_put(tree, KFD "proc/4242/vram_7", "1048576\n");
    tree_put(tree, KFD "proc/4243/vram_51963", "0\n"); /* ROCm was started, no more */
    tree_put(tree, KFD "proc/4244/vram_51963", "-1\n");
    tree_put(tree, KFD "proc/x/vram_51963", "5\n");
    tree_put(tree, KFD "proc/5/vram_51963", "1048576\n");
    open_node(tree, 5, 3, "/dev/dri/renderD128",
              AMD_PDEV "drm-client-id:\t1\ndrm-memory-vram:\t2 MiB\ndrm-engine-gfx:\t9 ns\n");
    read_live(tree, 0, &live);
    EXPECT(live.n_processes == 2);
    EXPECT(live.processes[0].pid == 5 && live.processes[0].memory_bytes == 2 << 20);
    EXPECT(live.processes[0].is_computing && live.processes[0].is_drawing);
    EXPECT(live.processes[1].pid == 4242 && live.processes[1].memory_bytes == 1025 << 20);
    EXPECT(live.processes[1].is_computing && !live.processes[1].is_drawing);
}

static struct nvb_gpu_client
make_client(uint64_t id, uint64_t time_ns, enum nvb_engine_work work, uint64_t busy_ns)
{
    struct nvb_gpu_client client = { .pid = 5, .time_ns = time_ns, .is_told = true };

    client.info = (struct nvb_fdinfo){ .client_id = id, .has_client_id = true, .n_engines = 1 };
    client.info.engines[0] = (struct nvb_fdinfo_engine){
        .name = "e", .work = work, .capacity = 1, .busy_ns = busy_ns, .has_busy = true
    };
    return client;
}

TEST(two_readings_tell_how_busy_a_client_kept_its_gpu)
{
    struct nvb_gpu_client first[] = {
        make_client(1, 1000, NVB_WORK_DRAW, 500),
        make_client(2, 1000, NVB_WORK_DRAW, 500),
        make_client(3, 1000, NVB_WORK_VIDEO, 0),
        make_client(4, 1000, NVB_WORK_COMPUTE, 0),
    };
    struct nvb_gpu_client second[] = {
        make_client(1, 2000, NVB_WORK_DRAW, 750),      /* a quarter */
        make_client(2, 2000, NVB_WORK_DRAW, 400),      /* fell back: stands still */
        make_client(3, 2000, NVB_WORK_VIDEO, 5000),    /* more than there was time */
        make_client(4, 2000, NVB_WORK_COMPUTE, 0),     /* in cycles, below */
        make_client(5, 2000, NVB_WORK_DRAW, 99999999), /* new: nothing to compare with */
    };
    struct nvb_gpu_clients before = { .items = first, .n = 4 };
    struct nvb_gpu_clients now = { .items = second, .n = 5 };

    first[3].info.engines[0].has_busy = second[3].info.engines[0].has_busy = false;
    first[3].info.engines[0].has_cycles = second[3].info.engines[0].has_cycles = true;
    first[3].info.engines[0].has_total_cycles = second[3].info.engines[0].has_total_cycles = true;
    second[3].info.engines[0].cycles = 300;
    second[3].info.engines[0].total_cycles = 200;
    second[3].info.engines[0].capacity = 4;
    nvb_gpu_clients_compare(&before, &now);
    EXPECT(second[0].has_busy && second[0].busy_percent[NVB_WORK_DRAW] == 25);
    EXPECT(second[1].has_busy && second[1].busy_percent[NVB_WORK_DRAW] == 0);
    EXPECT(second[2].busy_percent[NVB_WORK_VIDEO] == 100);
    EXPECT(second[3].busy_percent[NVB_WORK_COMPUTE] == 38); /* 300 of 4 * 200 */
    EXPECT(!second[4].has_busy);
}

/* The GPU's own use is their sum, but only when nobody is missing in it. */
TEST(clients_tell_the_use_of_a_gpu_that_does_not)
{
    nvb_autoptr(nvb_host) host = NULL;
    nvb_auto_err err = { 0 };
    struct nvb_gpu_client clients[2] = {
        make_client(1, 2000, NVB_WORK_DRAW, 0),
        make_client(2, 2000, NVB_WORK_DRAW, 0),
    };
    struct nvb_gpu_clients all = { .is_known = true, .items = clients, .n = 2 };
    struct nvb_gpus gpus = { 0 };
    nvb_auto_gpu_live whole = { 0 };
    nvb_auto_gpu_live part = { 0 };

    for (size_t i = 0; i < 2; i++) {
        clients[i].has_busy = true;
        clients[i].busy_percent[NVB_WORK_DRAW] = 30;
        clients[i].info.own_bytes = 1;
    }
    clients[1].pid = 6;
    EXPECT(nvb_host_open(make_tree(), &host, &err) && nvb_gpus_find(host, &gpus, &err));
    nvb_gpu_live_read(host, NULL, &all, &gpus.items[0], &whole);
    all.n_unseen = 1;
    nvb_gpu_live_read(host, NULL, &all, &gpus.items[0], &part);
    nvb_gpus_clear(&gpus);
    EXPECT(whole.has[NVB_FIGURE_UTILISATION] && whole.values[NVB_FIGURE_UTILISATION] == 60);
    EXPECT(!part.has[NVB_FIGURE_UTILISATION] && part.n_unseen_processes == 1);
    EXPECT(part.processes[1].has_busy && part.processes[1].busy_percent == 30);
}
