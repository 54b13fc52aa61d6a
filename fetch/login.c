/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "login.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth_file.h"
#include "base/file.h"
#include "credential_helper.h"

enum {
    HELPER_TIMEOUT_MS = 30000, /* somebody may have to unlock a keyring */
};

static const char *get_variable(const char *name)
{
    const char *value = getenv(name);

    return value && *value ? value : NULL;
}

/* VARIABLE/FILE, or HOME/BELOW/FILE without that variable; NULL without a home too. */
static char *dup_path(const char *variable, const char *below_home, const char *file)
{
    const char *dir = get_variable(variable);
    const char *home = get_variable("HOME");

    if (dir)
        return nvb_xasprintf("%s/%s", dir, file);
    return below_home && home ? nvb_xasprintf("%s/%s/%s", home, below_home, file) : NULL;
}

static void add_path(struct nvb_strv *paths, char *take_path)
{
    if (take_path)
        nvb_strv_take(paths, take_path);
}

static void list_files(struct nvb_strv *paths)
{
    const char *own = get_variable("REGISTRY_AUTH_FILE");

    if (own) {
        nvb_strv_add(paths, own);
    } else {
        add_path(paths, dup_path("XDG_RUNTIME_DIR", NULL, "containers/auth.json"));
        add_path(paths, dup_path("XDG_CONFIG_HOME", ".config", "containers/auth.json"));
    }
    add_path(paths, dup_path("DOCKER_CONFIG", ".docker", "config.json"));
}

static struct auth_file *read_file(const char *path, struct nvb_strv *notes)
{
    nvb_autofree char *text = NULL;
    struct auth_file *file = NULL;
    nvb_auto_err err = { 0 };
    size_t len = 0;

    if (access(path, F_OK) < 0)
        return NULL;
    if (nvb_read_file(AT_FDCWD, path, AUTH_FILE_MAX, &text, &len, &err) &&
        auth_file_parse(text, len, path, &file, &err)) {
        explicit_bzero(text, len);
        return file;
    }
    if (text)
        explicit_bzero(text, len);
    nvb_strv_addf(notes, "logins in '%s' are not used: %s", path, err.lines[0]);
    return NULL;
}

static bool find_in(const struct auth_file *file,
                    const char *registry,
                    const char *repository,
                    struct credential *out,
                    struct nvb_strv *notes)
{
    const char *helper = auth_file_find_helper(file, registry);
    nvb_auto_err err = { 0 };

    if (helper && !credential_helper_get(helper, registry, HELPER_TIMEOUT_MS, out, &err))
        nvb_strv_addf(notes, "the login for '%s' is not used: %s", registry, err.lines[0]);
    return !credential_is_empty(out) || auth_file_find(file, registry, repository, out);
}

static void
search(const char *registry, const char *repository, struct credential *out, struct nvb_strv *notes)
{
    nvb_auto_strv paths = { 0 };

    list_files(&paths);
    for (size_t i = 0; i < paths.n; i++) {
        nvb_autoptr(auth_file) file = read_file(paths.items[i], notes);

        if (file && find_in(file, registry, repository, out, notes))
            return;
    }
}

/* The credential's parts, then the notes, each with its NUL; a part that is absent is empty. */
static void write_answer(int fd, const struct credential *c, const struct nvb_strv *notes)
{
    const char *const parts[] = { c->username, c->password, c->identity_token, c->registry_token };
    nvb_auto_buf text = { 0 };

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        nvb_buf_add(&text, parts[i] ? parts[i] : "", parts[i] ? strlen(parts[i]) + 1 : 1);
    for (size_t i = 0; i < notes->n; i++)
        nvb_buf_add(&text, notes->items[i], strlen(notes->items[i]) + 1);
    (void)nvb_write_all(fd, text.data, text.len);
}

static char *take_part(const char **at, const char *end)
{
    size_t len = strnlen(*at, (size_t)(end - *at));
    char *part = len > 0 ? nvb_xstrndup(*at, len) : NULL;

    *at += len < (size_t)(end - *at) ? len + 1 : len;
    return part;
}

static void read_answer(const struct nvb_buf *text, struct credential *out, struct nvb_strv *notes)
{
    char **parts[] = { &out->username, &out->password, &out->identity_token, &out->registry_token };
    const char *at = text->data;
    const char *end = text->data + text->len;

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        *parts[i] = take_part(&at, end);
    if (out->username && !out->password)
        out->password = nvb_xstrdup("");
    while (at < end) {
        char *note = take_part(&at, end);

        if (note)
            nvb_strv_take(notes, note);
    }
}

/* In a process of its own, of which nothing but the answer stays: the files hold the logins for other
 * registries as well, and who reads this registry's words has our memory. */
void login_find(const char *registry,
                const char *repository,
                struct credential *out,
                struct nvb_strv *notes)
{
    nvb_auto_buf text = { 0 };
    nvb_auto_err ignored = { 0 };
    int fds[2] = { -1, -1 };
    pid_t pid = pipe2(fds, O_CLOEXEC) == 0 ? fork() : -1;

    *out = (struct credential){ 0 };
    if (pid == 0) {
        search(registry, repository, out, notes);
        write_answer(fds[1], out, notes);
        _exit(EXIT_SUCCESS);
    }
    (void)close(fds[1]);
    if (pid > 0 && nvb_read_to_end(fds[0], "the logins", AUTH_FILE_MAX, &text, &ignored) &&
        text.len > 0) {
        read_answer(&text, out, notes);
        explicit_bzero(text.data, text.size);
    } else {
        nvb_strv_add(notes, "no login can be looked for");
    }
    (void)close(fds[0]);
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}
