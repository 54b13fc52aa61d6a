/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/text.h"

enum {
    MESSAGE_MAX = 16384,
};

bool message_send(int fd, char letter)
{
    return send(fd, &letter, 1, MSG_NOSIGNAL) == 1;
}

/* The letter, the kind, then each line and the hint, all ended by a NUL. */
void message_send_error(int fd, const struct nvb_err *err)
{
    nvb_auto_buf text = { 0 };
    const char head[] = { MESSAGE_ERROR, (char)err->kind };

    nvb_buf_add(&text, head, sizeof(head));
    for (unsigned i = 0; i < err->n_lines; i++)
        nvb_buf_add(&text, err->lines[i], strnlen(err->lines[i], MESSAGE_MAX / 16) + 1);
    nvb_buf_add(&text, "", 1);
    if (err->hint)
        nvb_buf_add(&text, err->hint, strlen(err->hint) + 1);
    (void)send(fd, text.data, text.len < MESSAGE_MAX ? text.len : MESSAGE_MAX, MSG_NOSIGNAL);
}

static bool take_error(const char *text, size_t len, struct nvb_err *err)
{
    const char *end = text + len;
    const char *p = text + 2;
    bool is_first = true;

    for (; p < end && *p; p += strlen(p) + 1) {
        if (is_first)
            nvb_fail(err, NVB_D_RUN, (enum nvb_kind)text[1], "%s", p);
        else
            nvb_while(err, "%s", p);
        is_first = false;
    }
    if (is_first)
        nvb_fail(err, NVB_D_RUN, NVB_E_IO, "the container's first process failed");
    if (p + 1 < end && p[1])
        nvb_hint(err, "%s", p + 1);
    return false;
}

bool message_receive(int fd, const char *gone, char *out_letter, struct nvb_err *err)
{
    char text[MESSAGE_MAX + 1] = "";
    ssize_t got = 0;

    do {
        got = recv(fd, text, MESSAGE_MAX, 0);
    } while (got < 0 && errno == EINTR);
    *out_letter = 0;
    if (got <= 0)
        return !gone || nvb_fail(err, NVB_D_RUN, NVB_E_IO, "%s", gone);
    if (text[0] == MESSAGE_ERROR)
        return take_error(text, (size_t)got, err);
    *out_letter = text[0];
    return true;
}
