/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* image_size.h - how much room images take, for people: "163.2 MB". */
#pragma once

#include <stdint.h>

char *image_size_dup_text(uint64_t n_bytes);
