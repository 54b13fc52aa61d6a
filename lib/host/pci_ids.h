/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* pci_ids.h - human names of PCI devices, from the machine's own pci.ids.
 *
 * The file is 1.3 MB and only prose for people: `info` reads it after nvb_gpus_find(), a start
 * never does. GPUs whose driver told a name keep that name. */
#pragma once

#include "host/host.h"

enum {
    NVB_PCI_IDS_MAX = 8 << 20,
};

/* Replace names such as "AMD 1002:73bf" by "AMD Radeon RX 6800 XT" where the file knows them. */
void nvb_pci_ids_name_gpus(const struct nvb_host *host, struct nvb_gpus *gpus);

/* "Navi 21 [Radeon RX 6800/6800 XT / 6900 XT]" of a pci.ids text, or NULL. Caller frees. */
char *nvb_pci_ids_dup_device(const char *text, uint16_t vendor_id, uint16_t device_id);
