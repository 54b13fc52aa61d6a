/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "warning.h"

#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"

/* The log sink. */
static struct {
    int fd;
    bool is_json;
} log_sink = { .fd = -1 };

void warning_open_log(const char *path, bool is_json)
{
    log_sink.is_json = is_json;
    if (path)
        log_sink.fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void log_line(const char *level, const char *text)
{
    nvb_autoptr(nvb_json) json = nvb_json_new_object();
    nvb_autofree char *line = NULL;
    char when[40] = "";
    struct tm tm = { 0 };
    time_t now = time(NULL);

    if (log_sink.fd < 0)
        return;
    if (gmtime_r(&now, &tm))
        (void)strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
    nvb_json_set_str(json, "level", level);
    nvb_json_set_str(json, "msg", text);
    nvb_json_set_str(json, "time", when);
    line = log_sink.is_json ? nvb_json_dup_text(json, false)
                            : nvb_xasprintf("time=\"%s\" level=%s msg=\"%s\"\n", when, level, text);
    (void)nvb_write_all(log_sink.fd, line, strlen(line));
}

void warning(const char *fmt, ...)
{
    nvb_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    if (vasprintf(&text, fmt, ap) < 0)
        text = NULL;
    va_end(ap);
    if (!text)
        return;
    (void)fputs("nvbind-runtime: warning: ", stderr);
    nvb_print_plain(text, stderr);
    (void)fputc('\n', stderr);
    log_line("warning", text);
}

void warning_complain(const struct nvb_err *err)
{
    nvb_auto_buf line = { 0 };

    nvb_buf_add_str(&line, "");
    for (unsigned i = err->n_lines; i-- > 0;)
        nvb_buf_addf(&line, "%s%s", line.len ? ": " : "", err->lines[i]);
    if (err->hint)
        nvb_buf_addf(&line, " (%s)", err->hint);
    nvb_err_print(err, "nvbind-runtime", stderr);
    log_line("error", line.data);
}
