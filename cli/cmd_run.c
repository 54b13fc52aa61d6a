/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "cmd.h"
#include "detach.h"
#include "life/foreground.h"
#include "limit_words.h"
#include "nvbind/request.h"
#include "preparation.h"
#include "run/bolt.h"
#include "run/cgroup.h"
#include "run/scope.h"
#include "run_elsewhere.h"
#include "run_report.h"
#include "say.h"
#include "seconds.h"

/* The command line as typed; everything is checked when the request is made from it. */
struct run_options {
    const char *profile;
    const char *game;
    struct nvb_strv settings;
    struct nvb_strv gpus;
    struct nvb_strv env;
    struct nvb_strv volumes;
    struct nvb_strv networks;
    struct nvb_strv ports;
    const char *workdir;
    const char *hostname;
    const char *display;
    const char *sandbox;
    const char *memory;
    const char *cpus;
    const char *pids;
    const char *print;
    const char *report;
    const char *root;
    const char *user;
    const char *userns;
    const char *entrypoint;
    const char *pull;
    const char *runtime;
    struct nvb_strv env_files;
    struct nvb_strv added_caps;
    struct nvb_strv dropped_caps;
    bool trusts_image_gpu_env;
    bool has_tty;
    bool is_interactive;
    bool is_read_only;
    bool has_timing;
    bool is_detached;
    bool is_auto_removed;
    const char *name;
    const char *restart;
    struct nvb_strv labels;
    const char *stop_signal;
    const char *stop_timeout;
};

static const char *const networks[] = { "none", "internet", "lan", "host", NULL };
static const char *const displays[] = { "none", "auto", "x11", "wayland", NULL };
static const char *const sandboxes[] = { "strict", "steam", NULL };
static const char *const maps[] = { "auto", "single", "full", NULL };
static const char *const pulls[] = { "missing", "always", "never", NULL };
static const char *const runtimes[] = { "bolt", "podman", "docker", NULL };
static const char *const stages[] = { "request", "devices", "edits", "oci", NULL };

/* What docker and podman have. */
static const char *const refused[] = {
    "privileged",
    "a container never has more power over this machine than who starts it; --cap-add, -v, --gpu and "
    "--sandbox steam give what programs need it for",
    NULL,
};

#define AT(field) offsetof(struct run_options, field)

static const struct opt opts[] = {
    {OPT_LIST,                                       'g',                        "gpu", "WHICH",
     "all, none, software, or an index, UUID, PCI address, vendor, or CDI name", AT(gpus), NULL },
    { OPT_STRING,                                       0, "profile", "PROFILE", "run with this profile (nvbind profile list)",
     AT(profile), NULL },
    { OPT_STRING,                                          0,                                                                   "game", "GAME",
     "with what is known of a game: name, Steam app id or file (nvbind game list)", AT(game),
     NULL },
    { OPT_LIST,       0,                        "set", "KEY=VALUE", "change a setting of the profile (nvbind profile keys)",
     AT(settings), NULL },
    { OPT_STRING, 0,                                                                "display", "WHICH", "none, auto, x11 or wayland", AT(display), displays },
    { OPT_LIST,                                             0,                                                             "network", "WHICH",
     "none (loopback only), internet, lan, host, or a name that containers share", AT(networks),
     networks, true },
    { OPT_LIST,                                        'p',"publish", "HOST:PORT",
     "lead a port of the machine to the container's, [IP:]HOST:PORT[/udp]", AT(ports), NULL },
    { OPT_STRING,                                      0,                                                                       "sandbox", "WHICH",
     "strict, or steam for programs with containers of their own", AT(sandbox), sandboxes },
    { OPT_LIST,                                      'e',                                                         "env", "NAME[=VALUE]", "set a variable, or pass your own value on", AT(env),
     NULL },
    { OPT_LIST,                                   0,      "env-file", "FILE", "set the variables that stand in FILE, one a line",
     AT(env_files), NULL },
    { OPT_LIST,                                          'v',                                                                   "volume", "SRC:DST[:ro]", "show a host directory or file in the container",
     AT(volumes), NULL },
    { OPT_STRING,                                             'w',"workdir", "DIR", "start the command in this directory", AT(workdir), NULL },
    { OPT_STRING,                  0,                                 "hostname", "NAME", "the container's host name", AT(hostname), NULL },
    { OPT_FLAG,                                             't',                                                               "tty", NULL, "give the command a terminal", AT(has_tty), NULL },
    { OPT_FLAG,                                     'i',"interactive", NULL, "pass standard input on", AT(is_interactive), NULL },
    { OPT_FLAG,                                  0,                                                                   "read-only", NULL, "no writable layer over the image's files", AT(is_read_only),
     NULL },
    { OPT_FLAG,                                             'd',                                                               "detach", NULL, "let it live on by itself, and print its id", AT(is_detached),
     NULL },
    { OPT_STRING,                                     0,                                                           "name", "NAME", "a name for it beside its id", AT(name), NULL },
    { OPT_FLAG,                                     0,                                                           "rm", NULL, "with -d: remove it when it has ended", AT(is_auto_removed), NULL },
    { OPT_STRING,                                    0,                        "restart", "POLICY", "with -d: no, on-failure[:N], always or unless-stopped",
     AT(restart), NULL },
    { OPT_LIST,                                       'l',               "label", "NAME=VALUE", "a label for it, for nvbind ps --filter", AT(labels),
     NULL },
    { OPT_STRING,                                     0,                                                              "stop-signal", "SIGNAL", "what nvbind stop sends, by default TERM",
     AT(stop_signal), NULL },
    { OPT_STRING,      0,"stop-timeout", "SECONDS",
     "how long nvbind stop waits before KILL, by default 10", AT(stop_timeout), NULL },
    { OPT_STRING,   'u',                      "user", "USER[:GROUP]", "run as this user of the image, by name or number",
     AT(user), NULL },
    { OPT_STRING,                                             0,                                                               "entrypoint", "PROGRAM",
     "run this instead of what the image names; \"\" for nothing before COMMAND", AT(entrypoint),
     NULL },
    { OPT_STRING,                                    0,                                                   "userns", "WHICH", "ids of the image's users: auto, single or full",
     AT(userns), maps },
    { OPT_LIST,                                  0,                                                        "cap-add", "NAME", "give the image's root one more capability, or ALL",
     AT(added_caps), NULL },
    { OPT_LIST,                                      0,                    "cap-drop", "NAME", "take one of docker's usual capabilities away, or ALL",
     AT(dropped_caps), NULL },
    { OPT_STRING,                                0,          "pull", "WHEN", "ask the registry: missing, always or never", AT(pull),
     pulls },
    { OPT_FLAG,                                          0,                                                                   "trust-image-gpu-env", NULL,
     "let NVIDIA_VISIBLE_DEVICES of the image choose GPUs", AT(trusts_image_gpu_env), NULL },
    { OPT_STRING,0,                  "memory", "SIZE", "limit of memory, for example 4G", AT(memory), NULL },
    { OPT_STRING,         0,                        "cpus", "N", "limit of CPU time, for example 1.5", AT(cpus), NULL },
    { OPT_STRING,                                             0,                                                             "pids", "N", "limit of processes and threads", AT(pids), NULL },
    { OPT_STRING,                                    0,                        "print", "STAGE", "print request, devices, edits or oci as JSON and stop",
     AT(print), stages },
    { OPT_FLAG,                                  0,                                                        "timing", NULL, "tell how long each step of the start took, and frame times",
     AT(has_timing), NULL },
    { OPT_STRING,                                      0,                 "report", "FILE", "write the run's figures as JSON", AT(report), NULL },
    { OPT_STRING,                                          0,                                       "runtime", "ENGINE", "let bolt, podman or docker run it", AT(runtime),
     runtimes },
    { OPT_STRING,                                          0,                                                                   "root", "DIR", "with --print: look at this tree instead of the machine",
     AT(root), NULL },
    { .type = OPT_END,       .words = refused                        },
};

enum {
    EXIT_INTERRUPTED = 130,
};

static void clear_options(struct run_options *o)
{
    nvb_strv_clear(&o->settings);
    nvb_strv_clear(&o->gpus);
    nvb_strv_clear(&o->env);
    nvb_strv_clear(&o->volumes);
    nvb_strv_clear(&o->labels);
    nvb_strv_clear(&o->networks);
    nvb_strv_clear(&o->ports);
    nvb_strv_clear(&o->env_files);
    nvb_strv_clear(&o->added_caps);
    nvb_strv_clear(&o->dropped_caps);
}

static unsigned index_of(const char *const *words, const char *word)
{
    unsigned i = 0;

    while (words[i] && strcmp(words[i], word) != 0)
        i++;
    return i;
}

static bool check_paths(const struct run_options *o, struct nvb_err *err)
{
    if (o->workdir && o->workdir[0] != '/') {
        return nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID,
                        "the working directory '%s' is not absolute", o->workdir);
    }
    if (o->hostname &&
        (strlen(o->hostname) > 63 || !*o->hostname ||
         o->hostname[strspn(o->hostname,
                            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.")])) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "'%s' is not a host name", o->hostname);
        return nvb_hint(err, "use up to 63 letters, digits, '-' and '.'");
    }
    if (o->root && !o->print) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "--root can be looked at, not run");
        return nvb_hint(err, "add --print edits or another stage");
    }
    return true;
}

static bool fail_without_d(const char *option, struct nvb_err *err)
{
    nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "--%s is for a container that lives by itself",
             option);
    return nvb_hint(err, "add -d");
}

/* What of it makes sense together. */
static bool check_lifecycle(const struct run_options *o, struct nvb_err *err)
{
    if (o->restart && !o->is_detached)
        return fail_without_d("restart", err);
    if (o->restart && o->is_auto_removed)
        return nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "--restart and --rm exclude each other");
    if (o->is_detached && o->is_interactive && !o->has_tty) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID,
                 "with -d there is no standard input to pass on");
        return nvb_hint(err, "leave -i out");
    }
    if (o->is_detached && (o->report || o->has_timing)) {
        nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID, "--%s needs a container in the foreground",
                 o->report ? "report" : "timing");
        return nvb_hint(err, "leave -d out");
    }
    return true;
}

static bool fill_lifecycle(struct nvb_request *r, const struct run_options *o, struct nvb_err *err)
{
    r->is_detached = o->is_detached;
    r->is_auto_removed = o->is_auto_removed;
    r->has_stop_timeout = o->stop_timeout != NULL;
    if (!seconds_parse(o->stop_timeout, "stop-timeout", &r->stop_timeout_s, err))
        return false;
    for (size_t i = 0; i < o->labels.n; i++) {
        if (!nvb_request_add_label(r, o->labels.items[i], err))
            return false;
    }
    return (!o->name || nvb_request_set_name(r, o->name, err)) &&
           (!o->restart || nvb_request_set_restart(r, o->restart, err)) &&
           (!o->stop_signal || nvb_request_set_stop_signal(r, o->stop_signal, err)) &&
           check_lifecycle(o, err);
}

static char *dup_or_null(const char *s)
{
    return s ? nvb_xstrdup(s) : NULL;
}

static bool fill_lists(struct nvb_request *r, const struct run_options *o, struct nvb_err *err)
{
    for (size_t i = 0; i < o->settings.n; i++)
        nvb_request_add_setting(r, o->settings.items[i]);
    for (size_t i = 0; i < o->gpus.n; i++)
        nvb_request_add_gpu(r, o->gpus.items[i]);
    for (size_t i = 0; i < o->volumes.n; i++) {
        if (!nvb_request_add_volume(r, o->volumes.items[i], err))
            return false;
    }
    for (size_t i = 0; i < o->ports.n; i++) {
        if (!nvb_request_add_port(r, o->ports.items[i], err))
            return false;
    }
    for (size_t i = 0; i < o->env_files.n; i++) {
        if (!nvb_request_add_env_file(r, o->env_files.items[i], err))
            return false;
    }
    for (size_t i = 0; i < o->env.n; i++) {
        if (!nvb_request_add_env(r, o->env.items[i], err))
            return false;
    }
    return true;
}

/* What only images of the store have. */
static bool
fill_image_words(struct nvb_request *r, const struct run_options *o, struct nvb_err *err)
{
    r->user = dup_or_null(o->user);
    r->entrypoint = dup_or_null(o->entrypoint);
    r->userns = o->userns ? (enum nvb_userns_wish)index_of(maps, o->userns) : NVB_USERNS_AUTO;
    r->pull = o->pull ? (enum nvb_pull_wish)index_of(pulls, o->pull) : NVB_PULL_MISSING;
    r->trusts_image_gpu_env = o->trusts_image_gpu_env;
    for (size_t i = 0; i < o->added_caps.n; i++) {
        if (!nvb_request_add_capability(r, o->added_caps.items[i], err))
            return false;
    }
    for (size_t i = 0; i < o->dropped_caps.n; i++) {
        if (!nvb_request_drop_capability(r, o->dropped_caps.items[i], err))
            return false;
    }
    return true;
}

static bool fill_networks(struct nvb_request *r, const struct run_options *o, struct nvb_err *err)
{
    for (size_t i = 0; i < o->networks.n; i++) {
        if (!nvb_request_set_network(r, o->networks.items[i], err))
            return false;
    }
    return true;
}

static bool make_request(const struct run_options *o,
                         char *const *words,
                         struct nvb_request **out_request,
                         struct nvb_err *err)
{
    struct nvb_request *r = nvb_request_new();
    size_t n = 0;

    *out_request = r; /* the caller frees it either way */
    r->image = nvb_xstrdup(*words++);
    /* `nvbind run host -- vkcube`: the dashes only say that options end here. */
    if (*words && strcmp(*words, "--") == 0)
        words++;
    while (words[n])
        n++;
    r->command = nvb_xcalloc(n + 1, sizeof(*r->command));
    for (size_t i = 0; i < n; i++)
        r->command[i] = nvb_xstrdup(words[i]);
    r->n_command = n;
    r->profile = dup_or_null(o->profile);
    r->game = dup_or_null(o->game);
    r->workdir = dup_or_null(o->workdir);
    r->hostname = dup_or_null(o->hostname);
    r->report = dup_or_null(o->report);
    r->has_display = o->display != NULL;
    r->display =
        o->display ? (enum nvb_display_wish)index_of(displays, o->display) : NVB_DISPLAY_WISH_NONE;
    r->has_sandbox = o->sandbox != NULL;
    r->sandbox =
        o->sandbox ? (enum nvb_sandbox_profile)index_of(sandboxes, o->sandbox) : NVB_SANDBOX_STRICT;
    r->has_tty = o->has_tty;
    r->is_interactive = o->is_interactive;
    r->is_read_only = o->is_read_only;
    return check_paths(o, err) && fill_networks(r, o, err) && fill_lists(r, o, err) &&
           fill_image_words(r, o, err) && limit_words_fill(r, o->memory, o->cpus, o->pids, err) &&
           fill_lifecycle(r, o, err);
}

static void print_json(struct nvb_json *take_json)
{
    nvb_json_print(take_json, stdout);
    nvb_json_free(take_json);
}

/* Everything of one run that must be released whatever happens. */
struct run_state {
    char **argv; /* borrowed; as it came, from the command's name on */
    struct run_options options;
    struct run_report report;
    struct nvb_request *request;
    struct preparation preparation;
    struct nvb_run_result result;
};

static void clear_state(struct run_state *s)
{
    preparation_clear(&s->preparation);
    clear_options(&s->options);
    run_report_clear(&s->report);
    nvb_request_free(s->request);
    nvb_run_result_clear(&s->result);
}

static bool print_stage(const struct run_state *s, struct nvb_err *err)
{
    unsigned uid = 0;
    unsigned gid = 0;

    if (strcmp(s->options.print, "devices") == 0) {
        print_json(nvb_plan_devices_to_json(s->preparation.plan));
    } else if (strcmp(s->options.print, "edits") == 0) {
        print_json(nvb_edits_to_json(&s->preparation.plan->edits));
    } else {
        if (!nvb_bolt_host_ids(s->preparation.container, &uid, &gid, err))
            return false;
        print_json(nvb_container_to_oci_json(s->preparation.container, uid, gid));
    }
    return true;
}

static void print_request(const struct nvb_request *request)
{
    nvb_autofree char *text = nvb_request_to_json_text(request);

    (void)fputs(text, stdout);
}

/* Before the command has run for hours, not after. */
static bool check_report(const char *path, struct nvb_err *err)
{
    const char *slash = strrchr(path, '/');
    nvb_autofree char *directory =
        slash ? nvb_xstrndup(path, (size_t)(slash - path) + 1) : nvb_xstrdup(".");
    struct stat st;

    if (!*path || nvb_has_suffix(path, "/")) {
        return nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID,
                        "the report cannot be written: '%s' names no file", path);
    }
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
        return nvb_fail(err, NVB_D_REQUEST, NVB_E_INVALID,
                        "the report cannot be written: '%s' is not a regular file", path);
    }
    if (access(directory, W_OK | X_OK) < 0) {
        return nvb_fail_errno(err, NVB_D_REQUEST, "the report cannot be written to '%s'", path);
    }
    return true;
}

/* Limits by way of systemd: this program once more, in a scope. Where there is none that could,
 * the engine tries alone, and says what is in the way. */
static bool enter_scope(const struct run_state *s, struct nvb_err *err)
{
    nvb_auto_strv line = { 0 };
    char self[PATH_MAX];
    ssize_t len = 0;

    if (!nvb_cgroup_wants_scope(&s->preparation.container->limits))
        return true;
    len = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (len < 0)
        return true;
    self[len] = '\0';
    if (!nvb_scope_make_line(&s->preparation.container->limits, self, s->argv, &line))
        return true;
    return nvb_scope_execute(&line, err);
}

static void give_notice(void *data, const char *text)
{
    (void)data;
    say(stderr, "nvbind: %s", text);
}

static bool start_detached(struct run_state *s, struct nvb_err *err)
{
    nvb_autofree char *id = NULL;

    if (!detach(&s->preparation, &id, err))
        return false;
    (void)puts(id);
    return true;
}

static bool stay(struct run_state *s, struct nvb_err *err)
{
    const struct nvb_container *container = s->preparation.container;
    struct nvb_foreground foreground = NVB_FOREGROUND_INIT;
    struct nvb_run_watch watch = { 0 };
    bool ok = false;

    if (container->has_frame_ring)
        watch = run_report_watch(&s->report);
    watch.notice = give_notice;
    watch.born = nvb_foreground_tell;
    watch.birth_data = &foreground;
    ok = nvb_foreground_begin(&foreground, s->request, container, err) &&
         nvb_bolt_run(container, &watch, &s->result, err);
    nvb_foreground_end(&foreground);
    return ok;
}

static bool start(struct run_state *s, struct nvb_err *err)
{
    if (s->request->report && !check_report(s->request->report, err))
        return false;
    if (!enter_scope(s, err) || !preparation_finish(&s->preparation, err))
        return false;
    run_report_stage(&s->report, "driver");
    if (s->request->is_detached)
        return start_detached(s, err);
    s->report.frame_cap = s->preparation.plan->frame_cap;
    if (!stay(s, err))
        return false;
    print_warnings(&s->result.warnings);
    if (s->report.frames)
        nvb_frames_drain(s->report.frames);
    if (s->options.has_timing)
        run_report_print(&s->report, &s->result);
    return !s->request->report ||
           run_report_write(&s->report, s->preparation.plan, &s->result, s->request->report, err);
}

static int carry_out(struct run_state *s)
{
    nvb_auto_err err = { 0 };

    if (s->options.print && strcmp(s->options.print, "request") == 0) {
        print_request(s->request);
        return EXIT_SUCCESS;
    }
    s->preparation.root = s->options.root;
    s->preparation.may_pull = !s->options.print;
    if (!preparation_make(&s->preparation, s->request, &s->report, &err) ||
        !(s->options.print ? print_stage(s, &err) : start(s, &err))) {
        if (s->preparation.image.is_stopped)
            return EXIT_INTERRUPTED;
        nvb_while(&err, "cannot run image '%s'", s->request->image);
        (void)cmd_complain(&err, false);
        return start_status_of(&err);
    }
    return s->options.print ? EXIT_SUCCESS : s->result.exit_status;
}

/* This process becomes the other engine's. */
static int leave(const struct run_state *s)
{
    nvb_auto_err err = { 0 };

    (void)run_elsewhere(s->options.runtime, s->request, &err);
    nvb_while(&err, "cannot run image '%s' with %s", s->request->image, s->options.runtime);
    (void)cmd_complain(&err, false);
    return start_status_of(&err);
}

static bool is_elsewhere(const struct run_options *o)
{
    return o->runtime && strcmp(o->runtime, "bolt") != 0 && !o->print;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct run_state s = { .argv = argv, .preparation = PREPARATION_INIT };
    nvb_auto_err err = { 0 };
    char **words = NULL;
    int status = 0;

    run_report_begin(&s.report);
    if (!cmd_parse(cmd, argc, argv, &s.options, &words, &status)) {
        clear_state(&s);
        return status;
    }
    if (make_request(&s.options, words, &s.request, &err)) {
        run_report_stage(&s.report, "options");
        status = is_elsewhere(&s.options) ? leave(&s) : carry_out(&s);
    } else {
        status = cmd_complain_usage(cmd, &err, false);
    }
    clear_state(&s);
    return status;
}

const struct cmd cmd_run = {
    .name = "nvbind run",
    .operands = "IMAGE [--] [COMMAND [ARGUMENT]...]",
    .summary = "run a command in a container of its own",
    .details =
        "IMAGE is one that was pulled or imported (nvbind images), or 'host': this machine's own files,\n"
        "read-only below a writable layer; homes, /root, /run, /tmp and secrets are not in it. What the\n"
        "command writes is in memory and ends with the container.\n"
        "\n"
        "In image 'host' the command runs as user 1000 without capabilities. Any other image runs as it\n"
        "says, with docker's usual capabilities inside of its own user namespace, and can gain no others:\n"
        "su and sudo do not work in it. Its exit status is passed on; 125 says that the container did not\n"
        "start, 126 that the command cannot be executed, 127 that there is none.",
    .opts = opts,
    .has_foreign_words = true,
    .run = run,
};
