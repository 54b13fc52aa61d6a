/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* memo.h - what one look at the live machine leaves for the next: which of its PCI devices drive
 * displays, and what they are.
 *
 * A desktop has some fifty PCI devices, and to ask each for its class costs a start 0.2 ms. The
 * memo holds for one boot and one list of devices: their names and sysfs inode numbers, which the
 * kernel gives anew whenever a device comes (fs/kernfs/dir.c: cyclic, Linux 6.18). */
#pragma once

struct nvb_memo {
    char *text;     /* owned; of the last look; NULL: none */
    char *new_text; /* owned; to be kept instead; NULL: the old one holds or none is worth it */
};

void nvb_memo_clear(struct nvb_memo *memo);
