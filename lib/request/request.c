/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "nvbind/request.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/json.h"
#include "base/signal_name.h"
#include "base/text.h"
#include "request/capability.h"
#include "request/network.h"
#include "request/request_words.h"

enum {
    ENV_FILE_MAX = 1 << 20,
    STOP_TIMEOUT_S = 10,
};

const char *const nvb_restart_names[] = { "no", "on-failure", "always", "unless-stopped", NULL };

struct nvb_request *nvb_request_new(void)
{
    return nvb_xcalloc(1, sizeof(struct nvb_request));
}

static void free_list(char **items, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(items[i]);
    free(items);
}

void nvb_request_free(struct nvb_request *request)
{
    if (!request)
        return;
    for (size_t i = 0; i < request->n_volumes; i++) {
        free(request->volumes[i].source);
        free(request->volumes[i].destination);
    }
    free(request->volumes);
    free(request->joined);
    nvb_ports_clear(&request->ports, &request->n_ports);
    free_list(request->command, request->n_command);
    free_list(request->gpus, request->n_gpus);
    free_list(request->env, request->n_env);
    free_list(request->labels, request->n_labels);
    free_list(request->settings, request->n_settings);
    free(request->game);
    free(request->image);
    free(request->profile);
    free(request->workdir);
    free(request->hostname);
    free(request->name);
    free(request->report);
    free(request->user);
    free(request->entrypoint);
    free_list(request->added_caps, request->n_added_caps);
    free_list(request->dropped_caps, request->n_dropped_caps);
    free(request);
}

static void append(char ***items, size_t *n, char *take_text)
{
    *items = nvb_xrealloc(*items, *n + 2, sizeof(**items));
    (*items)[(*n)++] = take_text;
    (*items)[*n] = NULL;
}

/* Does an absolute path lead to the root itself, as "/", "/." or "/a/.." do? */
static bool is_root_path(const char *path)
{
    int depth = 0;

    while (*(path += strspn(path, "/"))) {
        size_t len = strcspn(path, "/");

        if (len == 2 && strncmp(path, "..", 2) == 0) {
            depth -= depth > 0;
        } else if (len != 1 || *path != '.') {
            depth++;
        }
        path += len;
    }
    return depth == 0;
}

static bool fail_volume(struct nvb_err *err, const char *text, const char *why)
{
    nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "'%s' is not a volume: %s", text, why);
    return nvb_hint(err,
                    "write it as /SOURCE:/DESTINATION, with :ro behind it to protect the source");
}

bool nvb_request_add_volume(struct nvb_request *request, const char *text, struct nvb_err *err)
{
    nvb_autofree char *copy = nvb_xstrdup(text);
    char *destination = strchr(copy, ':');
    char *mode = NULL;
    struct nvb_volume *v = NULL;

    if (!destination)
        return fail_volume(err, text, "it names no destination");
    *destination++ = '\0';
    mode = strchr(destination, ':');
    if (mode)
        *mode++ = '\0';
    if (copy[0] != '/' || destination[0] != '/')
        return fail_volume(err, text, "both sides must be absolute paths");
    if (is_root_path(destination))
        return fail_volume(err, text, "the container's root cannot be replaced");
    if (mode && strcmp(mode, "ro") != 0 && strcmp(mode, "rw") != 0)
        return fail_volume(err, text, "the last part must be ro or rw");

    request->volumes = nvb_xrealloc(request->volumes, request->n_volumes + 1, sizeof(*v));
    v = &request->volumes[request->n_volumes++];
    *v = (struct nvb_volume){
        .source = nvb_xstrdup(copy),
        .destination = nvb_xstrdup(destination),
        .is_ro = mode && strcmp(mode, "ro") == 0,
    };
    return true;
}

bool nvb_request_add_env(struct nvb_request *request, const char *text, struct nvb_err *err)
{
    size_t name_len = strcspn(text, "=");

    if (name_len == 0) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "'%s' is not a variable", text);
        return nvb_hint(err, "write it as NAME=VALUE, or NAME alone to pass your own value on");
    }
    if (text[name_len] == '\0') {
        const char *value = getenv(text);

        if (!value) {
            nvb_fail(err, NVB_D_REQUEST, NVB_E_NOT_FOUND,
                     "variable '%s' is not set here, so it cannot be passed on", text);
            return nvb_hint(err, "write -e %s=VALUE, or leave it out", text);
        }
        append(&request->env, &request->n_env, nvb_xasprintf("%s=%s", text, value));
        return true;
    }
    append(&request->env, &request->n_env, nvb_xstrdup(text));
    return true;
}

/* As docker reads it: no quotes, no escapes. */
static bool add_env_line(struct nvb_request *request, const char *line, struct nvb_err *err)
{
    size_t name_len = strcspn(line, "=");

    if (*line == '\0' || *line == '#')
        return true;
    if (line[strcspn(line, " \t")] != '\0' && strcspn(line, " \t") < name_len) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "'%s' is not a variable", line);
        return nvb_hint(err, "write it as NAME=VALUE, without blanks around the name");
    }
    if (line[name_len] == '\0' && !getenv(line))
        return true;
    return nvb_request_add_env(request, line, err);
}

bool nvb_request_add_env_file(struct nvb_request *request, const char *path, struct nvb_err *err)
{
    nvb_autofree char *text = NULL;
    size_t number = 0;
    size_t len = 0;

    if (!nvb_read_file(AT_FDCWD, path, ENV_FILE_MAX, &text, &len, err))
        return nvb_while(err, "cannot use --env-file");
    if (strlen(text) != len) {
        return nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "--env-file '%s' is not a text file",
                        path);
    }
    for (char *rest = nvb_has_prefix(text, "\xef\xbb\xbf") ? text + 3 : text; *rest;) {
        char *line = rest;
        size_t end = strcspn(line, "\n");

        rest += end + (rest[end] == '\n');
        line[end] = '\0';
        if (end > 0 && line[end - 1] == '\r')
            line[end - 1] = '\0';
        number++;
        if (!add_env_line(request, line + strspn(line, " \t"), err))
            return nvb_while(err, "line %zu of '%s' cannot be used", number, path);
    }
    return true;
}

static bool check_capability(const char *text, struct nvb_err *err)
{
    unsigned number = 0;

    return strcasecmp(text, "ALL") == 0 || nvb_capability_parse(text, &number, err);
}

bool nvb_request_add_capability(struct nvb_request *request, const char *text, struct nvb_err *err)
{
    if (!check_capability(text, err))
        return false;
    append(&request->added_caps, &request->n_added_caps, nvb_xstrdup(text));
    return true;
}

bool nvb_request_drop_capability(struct nvb_request *request, const char *text, struct nvb_err *err)
{
    if (!check_capability(text, err))
        return false;
    append(&request->dropped_caps, &request->n_dropped_caps, nvb_xstrdup(text));
    return true;
}

void nvb_request_add_setting(struct nvb_request *request, const char *text)
{
    append(&request->settings, &request->n_settings, nvb_xstrdup(text));
}

void nvb_request_add_gpu(struct nvb_request *request, const char *text)
{
    append(&request->gpus, &request->n_gpus, nvb_xstrdup(text));
}

bool nvb_request_add_label(struct nvb_request *request, const char *text, struct nvb_err *err)
{
    if (strcspn(text, "=") == 0) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "'%s' is not a label", text);
        return nvb_hint(err, "write it as NAME=VALUE");
    }
    append(&request->labels, &request->n_labels, nvb_xstrdup(text));
    return true;
}

bool nvb_request_set_restart(struct nvb_request *request, const char *text, struct nvb_err *err)
{
    const char *colon = strchr(text, ':');
    nvb_autofree char *word = nvb_xstrndup(text, strcspn(text, ":"));
    uint64_t max = 0;

    for (unsigned i = 0; nvb_restart_names[i]; i++) {
        if (strcmp(nvb_restart_names[i], word) != 0)
            continue;
        if (colon && (i != NVB_RESTART_ON_FAILURE || !nvb_parse_u64(colon + 1, 1000000, &max)))
            break;
        request->restart = (enum nvb_restart)i;
        request->restart_max = (unsigned)max;
        return true;
    }
    nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "'%s' is not a restart policy", text);
    return nvb_hint(err, "use one of: no, on-failure, on-failure:N, always, unless-stopped");
}

static bool looks_like_id(const char *text)
{
    return strlen(text) == 12 && strspn(text, "0123456789abcdef") == 12;
}

bool nvb_request_set_name(struct nvb_request *request, const char *text, struct nvb_err *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    static const char more[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

    if (!*text || !strchr(letters, *text) || text[strspn(text, more)] ||
        strlen(text) > NVB_NAME_MAX) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "'%s' cannot be a container's name", text);
        return nvb_hint(err,
                        "use up to %d letters, digits, '_', '.' and '-', a letter or digit first",
                        NVB_NAME_MAX);
    }
    if (looks_like_id(text)) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "'%s' cannot be a container's name", text);
        return nvb_hint(err, "choose one that does not look like an id");
    }
    free(request->name);
    request->name = nvb_xstrdup(text);
    return true;
}

char *nvb_request_dup_restart(const struct nvb_request *request)
{
    const char *word = nvb_restart_names[request->restart];

    return request->restart_max ? nvb_xasprintf("%s:%u", word, request->restart_max)
                                : nvb_xstrdup(word);
}

unsigned nvb_request_get_stop_timeout(const struct nvb_request *request)
{
    return request->has_stop_timeout ? request->stop_timeout_s : STOP_TIMEOUT_S;
}

bool nvb_request_set_stop_signal(struct nvb_request *request, const char *text, struct nvb_err *err)
{
    return nvb_signal_parse(text, &request->stop_signal, err);
}

static struct nvb_json *list_to_json(char *const *items, size_t n)
{
    struct nvb_json *array = nvb_json_new_array();

    for (size_t i = 0; i < n; i++)
        nvb_json_append(array, nvb_json_new_str(items[i]));
    return array;
}

/* Names only: a value may be a token or a password. */
static struct nvb_json *env_to_json(const struct nvb_request *request)
{
    struct nvb_json *array = nvb_json_new_array();

    for (size_t i = 0; i < request->n_env; i++) {
        nvb_autofree char *name = nvb_xstrndup(request->env[i], strcspn(request->env[i], "="));

        nvb_json_append(array, nvb_json_new_str(name));
    }
    return array;
}

static struct nvb_json *volumes_to_json(const struct nvb_request *request)
{
    struct nvb_json *array = nvb_json_new_array();

    for (size_t i = 0; i < request->n_volumes; i++) {
        const struct nvb_volume *v = &request->volumes[i];
        struct nvb_json *object = nvb_json_new_object();

        nvb_json_set_str(object, "source", v->source);
        nvb_json_set_str(object, "destination", v->destination);
        nvb_json_set_bool(object, "read_only", v->is_ro);
        nvb_json_append(array, object);
    }
    return array;
}

static struct nvb_json *limits_to_json(const struct nvb_request *request)
{
    struct nvb_json *limits = nvb_json_new_object();

    if (request->memory_bytes)
        nvb_json_set_u64(limits, "memory_bytes", request->memory_bytes);
    if (request->cpu_millis)
        nvb_json_set_double(limits, "cpus", (double)request->cpu_millis / 1000);
    if (request->n_pids)
        nvb_json_set_u64(limits, "pids", request->n_pids);
    return limits;
}

static void set_lifecycle(struct nvb_json *json, const struct nvb_request *request)
{
    nvb_autofree char *restart = nvb_request_dup_restart(request);
    nvb_autofree char *signal =
        nvb_signal_dup_name(request->stop_signal ? request->stop_signal : SIGTERM);

    nvb_json_set_str(json, "restart", restart);
    nvb_json_set(json, "labels", list_to_json(request->labels, request->n_labels));
    nvb_json_set_str(json, "stop_signal", signal);
    nvb_json_set_u64(json, "stop_timeout_s", nvb_request_get_stop_timeout(request));
}

/* Of a variable the name alone. */
static struct nvb_json *settings_to_json(const struct nvb_request *request)
{
    struct nvb_json *array = nvb_json_new_array();

    for (size_t i = 0; i < request->n_settings; i++) {
        const char *text = request->settings[i];
        size_t len = nvb_has_prefix(text, "env.") ? strcspn(text, "=") : strlen(text);
        nvb_autofree char *shown = nvb_xstrndup(text, len);

        nvb_json_append(array, nvb_json_new_str(shown));
    }
    return array;
}

char *nvb_request_to_json_text(const struct nvb_request *request)
{
    static const char *const displays[] = { "none", "auto", "x11", "wayland" };
    static const char *const maps[] = { "auto", "single", "full" };
    static const char *const pulls[] = { "missing", "always", "never" };
    nvb_autoptr(nvb_json) json = nvb_json_new_object();

    nvb_json_set_str(json, "image", request->image);
    nvb_json_set(json, "command", list_to_json(request->command, request->n_command));
    nvb_json_set_str(json, "profile", request->profile);
    nvb_json_set_str(json, "game", request->game);
    nvb_json_set(json, "settings", settings_to_json(request));
    nvb_json_set(json, "gpus", list_to_json(request->gpus, request->n_gpus));
    nvb_json_set(json, "env_names", env_to_json(request));
    nvb_json_set(json, "volumes", volumes_to_json(request));
    nvb_json_set_str(json, "workdir", request->workdir);
    nvb_json_set_str(json, "user", request->user);
    nvb_json_set_str(json, "entrypoint", request->entrypoint);
    nvb_json_set_str(json, "userns", maps[request->userns]);
    nvb_json_set_str(json, "pull", pulls[request->pull]);
    nvb_json_set(json, "added_capabilities",
                 list_to_json(request->added_caps, request->n_added_caps));
    nvb_json_set(json, "dropped_capabilities",
                 list_to_json(request->dropped_caps, request->n_dropped_caps));
    nvb_json_set_bool(json, "trusts_image_gpu_env", request->trusts_image_gpu_env);
    nvb_json_set_str(json, "hostname", request->hostname);
    nvb_json_set_str(json, "name", request->name);
    nvb_json_set_str(json, "network", nvb_network_name(request->network));
    nvb_json_set_str(json, "joined", request->joined);
    nvb_json_set(json, "ports", nvb_ports_to_json(request->ports, request->n_ports));
    nvb_json_set_str(json, "display",
                     request->has_display ? displays[request->display] : "from profile");
    nvb_json_set_str(json, "sandbox",
                     !request->has_sandbox                   ? "from profile"
                     : request->sandbox == NVB_SANDBOX_STEAM ? "steam"
                                                             : "strict");
    nvb_json_set_bool(json, "read_only", request->is_read_only);
    nvb_json_set_bool(json, "tty", request->has_tty);
    nvb_json_set_bool(json, "interactive", request->is_interactive);
    nvb_json_set(json, "limits", limits_to_json(request));
    nvb_json_set_bool(json, "detached", request->is_detached);
    nvb_json_set_bool(json, "auto_remove", request->is_auto_removed);
    set_lifecycle(json, request);
    return nvb_json_dup_text(json, true);
}
