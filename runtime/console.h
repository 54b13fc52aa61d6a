/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* console.h - the container's terminal: made in its own /dev/pts, its master handed over a socket
 * to whoever holds it. */
#pragma once

#include "spec.h"

/* A connection to the socket that the engine listens on. */
bool console_connect(const char *path, int *out_fd, struct nvb_err *err);

/* Child, before the root is entered (`root_fd`) or inside of it (its "/"): open a terminal, send
 * its master over `socket_fd`; *out_fd is the other side. With `shows` it is /dev/console, too. */
bool console_make(const struct spec_process *process,
                  int root_fd,
                  int socket_fd,
                  bool shows,
                  int *out_fd,
                  struct nvb_err *err);

/* It becomes standard input and output and the terminal that the session listens to. */
bool console_take(int fd, struct nvb_err *err);

/* The master that console_make() sent; -1 when none came. */
int console_receive(int socket_fd);
