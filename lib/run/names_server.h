/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* names_server.h - the name service inside a container: the names of the members of its network.
 * Private to lib/run; async-signal-safe. RFC 1035. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum {
    NVB_NAMES_MAX = 512, /* of a message, as everybody takes it */
};

/* The answer to a query, 0 for none. `find` gives the number of the member with that name, 0 for
 * nobody. Who asks for another name is refused, and then asks the next server that it knows; when
 * there is none (`is_alone`) it hears that nobody has that name. */
size_t nvb_names_answer(const unsigned char *query,
                        size_t len,
                        unsigned (*find)(int dir_fd, const char *name),
                        int dir_fd,
                        bool is_alone,
                        unsigned char out[NVB_NAMES_MAX]);

/* For ever, on a bound socket. */
_Noreturn void nvb_names_serve(int socket_fd, int dir_fd, bool is_alone);
