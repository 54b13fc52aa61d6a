/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* message.h - one letter, or an error in full, between the runtime and the process it makes. The
 * channels are sockets that keep messages apart (SOCK_SEQPACKET). */
#pragma once

#include "nvbind/error.h"

enum {
    MESSAGE_GO_ON = 'g',
    MESSAGE_MOUNTED = 'm', /* the root is built; hooks may run */
    MESSAGE_CREATED = 'c', /* waits for "start" */
    MESSAGE_ERROR = 'E',
};

bool message_send(int fd, char letter);
void message_send_error(int fd, const struct nvb_err *err);

/* False when an error came, or nothing any more: `gone` is then the error's text. With `gone` NULL
 * the end is fine, and *out_letter is 0. */
bool message_receive(int fd, const char *gone, char *out_letter, struct nvb_err *err);
