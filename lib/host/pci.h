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

/* Addresses of the devices of class 0x03, sorted. */
void nvb_pci_list_displays(const struct nvb_host *host, struct nvb_strv *out_addresses);

/* "vendor" or "device" of one; 0 when unreadable. */
uint16_t nvb_pci_read_id(const struct nvb_host *host, const char *address, const char *file);
