/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/uevent.h"

#include <errno.h>
#include <linux/netlink.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test.h"

/* As the kernel writes them, the last NUL left to the string's own. */
#define EVENT(action, path, rest) \
    action "@" path "\0ACTION=" action "\0DEVPATH=" path "\0" rest "\0SEQNUM=4711"
#define GPU "/devices/pci0000:00/0000:01:00.0"

static const struct {
    const char *data;
    size_t len;
    bool is_of_gpu;
} rows[] = {

#define ROW(is_of_gpu, ...)                                       \
    {                                                             \
        EVENT(__VA_ARGS__), sizeof(EVENT(__VA_ARGS__)), is_of_gpu \
    }
    ROW(true, "add", "/module/nvidia", "SUBSYSTEM=module"),
    ROW(true, "remove", "/module/nvidia_uvm", "SUBSYSTEM=module"),
    ROW(true, "add", "/module/amdgpu", "SUBSYSTEM=module"),
    ROW(true, "add", "/module/xe", "SUBSYSTEM=module"),
    ROW(false, "add", "/module/xenfs", "SUBSYSTEM=module"),
    ROW(false, "add", "/module/usbhid", "SUBSYSTEM=module"),
    ROW(true, "add", GPU "/drm/card0", "SUBSYSTEM=drm\0DEVNAME=dri/card0"),
    ROW(true, "remove", GPU "/drm/renderD128", "SUBSYSTEM=drm"),
    ROW(true, "remove", GPU, "SUBSYSTEM=pci\0PCI_CLASS=30000\0PCI_ID=10DE:2786"),
    ROW(true, "bind", GPU, "DRIVER=vfio-pci\0SUBSYSTEM=pci\0PCI_CLASS=30200"),
    ROW(false, "add", GPU, "SUBSYSTEM=pci\0PCI_CLASS=40300"),
    ROW(false, "add", GPU, "SUBSYSTEM=pci\0PCI_CLASS=3000"),
    ROW(true, "add", "/devices/virtual/kfd/kfd", "SUBSYSTEM=kfd"),
    ROW(true, "add", "/devices/virtual/nvidia-caps/x", "SUBSYSTEM=nvidia-caps"),
    ROW(false, "add", "/devices/virtual/net/drm", "SUBSYSTEM=net\0INTERFACE=nvidia"),
    ROW(false, "change", "/devices/virtual/block/loop0", "SUBSYSTEM=block"),
#undef ROW
};

TEST(events_of_gpus_are_told_from_others)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        EXPECT(nvb_uevent_is_of_gpu(rows[i].data, rows[i].len) == rows[i].is_of_gpu);
    EXPECT(!nvb_uevent_is_of_gpu("", 0));
    EXPECT(!nvb_uevent_is_of_gpu("SUBSYSTEM", 9));
    EXPECT(!nvb_uevent_is_of_gpu("\0\0\0", 3));
}

/* A pair of sockets stands for the kernel's: datagrams, non-blocking. */
static void open_pair(int fds[2])
{
    EXPECT(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
}

TEST(all_that_waits_is_read_at_once)
{
    int fds[2];
    char byte = 0;

    open_pair(fds);
    EXPECT(!nvb_uevents_drain(fds[0]));
    for (size_t i = 0; i < 8; i++) /* the first of them is ours, the last is not */
        EXPECT(send(fds[1], rows[i ? 5 : 0].data, rows[i ? 5 : 0].len, 0) > 0);
    EXPECT(nvb_uevents_drain(fds[0]));
    EXPECT(recv(fds[0], &byte, 1, 0) < 0 && errno == EAGAIN);
    EXPECT(send(fds[1], rows[5].data, rows[5].len, 0) > 0);
    EXPECT(!nvb_uevents_drain(fds[0]));
    (void)close(fds[0]);
    (void)close(fds[1]);
}

/* Send what no kernel sends, in a network namespace where nobody else listens. */
static bool send_event(const char *data, size_t len)
{
    struct sockaddr_nl group = { .nl_family = AF_NETLINK, .nl_groups = 1 };
    nvb_autoclose int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);

    return fd >= 0 &&
           sendto(fd, data, len, 0, (const struct sockaddr *)&group, sizeof(group)) == (ssize_t)len;
}

TEST(a_flood_that_overflows_counts_as_one_of_ours)
{
    nvb_auto_err err = { 0 };
    nvb_autoclose int fd = -1;

    if (unshare(CLONE_NEWNET) < 0)
        SKIP("no network namespace: %s", strerror(errno));
    fd = nvb_uevents_open(&err);
    EXPECT(fd >= 0);
    if (!send_event(rows[5].data, rows[5].len))
        SKIP("no event can be sent: %s", strerror(errno));
    EXPECT(!nvb_uevents_drain(fd));
    EXPECT(send_event(rows[0].data, rows[0].len) && nvb_uevents_drain(fd));
    for (int i = 0; i < 20000; i++)
        (void)send_event(rows[5].data, rows[5].len); /* ENOBUFS, once it is full */
    EXPECT(nvb_uevents_drain(fd));
    EXPECT(!nvb_uevents_drain(fd));
}
