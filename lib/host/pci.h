/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* pci.h - the PCI devices of /sys/bus/pci/devices that drive displays. */
#pragma once

#include "host/host.h"

/* "0000:01:00.0": nothing else is taken from a directory for an address. */
bool nvb_pci_is_address(const char *text);

/* The last PCI address in a sysfs path such as "../../devices/pci0000:00/0000:00:02.0/virtio0",
 * or NULL. Caller frees. */
char *nvb_pci_dup_address_in(const char *path);

/* What never changes of a device while it is there. */
struct nvb_pci_display {
    char address[24];   /* "0000:01:00.0" */
    uint16_t vendor_id; /* 0 when unreadable, as the next */
    uint16_t device_id;
    int numa_node; /* -1 on machines of one node */
};

struct nvb_pci_displays {
    struct nvb_pci_display *items; /* owned */
    size_t n;
};

/* The devices of class 0x03 by address. On the live machine host->memo is believed where it holds,
 * and filled where it does not. */
void nvb_pci_list_displays(const struct nvb_host *host, struct nvb_pci_displays *out);
void nvb_pci_displays_clear(struct nvb_pci_displays *displays);
#define nvb_auto_displays __attribute__((cleanup(nvb_pci_displays_clear))) struct nvb_pci_displays

/* "vendor" or "device" of one; 0 when unreadable. */
uint16_t nvb_pci_read_id(const struct nvb_host *host, const char *address, const char *file);
