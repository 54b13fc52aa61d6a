/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* pull.c - `nvbind-fetch pull`: an image from a registry into the store.
 *
 *   {"name":"ubuntu:24.04", "platform":"linux/arm64"}       the platform may be left out
 *   "done": {"name","digest","layers","fetched","bytes"}    fetched, bytes: what was missing here
 *
 * Outside of the jail: the configuration, logins, authorities' certificates. Inside: the network. */
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "host/distro.h"
#include "host/host.h"
#include "image/store_internal.h"
#include "login.h"
#include "part.h"
#include "pull_layers.h"
#include "pull_texts.h"
#include "trust.h"
#include "word.h"

enum {
    PARALLEL = 3,
    EXIT_STOPPED = 130,
    GRACE_S = 3, /* to tidy up after ^C */
};

struct pull {
    struct nvb_reference reference;
    char *familiar; /* owned; "ubuntu:24.04" */
    struct nvb_platform platform;
    char *platform_text; /* owned; what `platform` borrows from; NULL = this machine's */
    char *emulator;      /* owned; how to get one */
    unsigned n_parallel;
    struct registry registry;
    struct trust *trust;   /* owned */
    struct nvb_strv notes; /* of logins */
};

/* Of a signal handler. */
static int stop_fd = -1;

/* How names become addresses. Modules beyond those of libc are not there: they count as
 * unavailable, and the next word of nsswitch.conf is heeded. */
static const char *const network_files[] = {
    "/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/host.conf",
};

static void show_network_files(struct jail *jail)
{
    for (size_t i = 0; i < sizeof(network_files) / sizeof(network_files[0]); i++) {
        int fd = open(network_files[i], O_PATH | O_CLOEXEC);

        if (fd >= 0)
            jail_add(jail, fd, network_files[i], false);
    }
}

static bool read_request(struct pull *pull, const struct nvb_json *request, struct nvb_err *err)
{
    const char *name = nvb_json_get_str(request, "name");
    const char *platform = nvb_json_get_str(request, "platform");
    nvb_auto_registries configured = { 0 };

    if (!name)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "no image is named");
    pull->platform = nvb_platform_here();
    if (platform && !nvb_platform_parse(platform, &pull->platform, &pull->platform_text, err))
        return false;
    if (!nvb_registries_load(&configured, err) ||
        !nvb_registries_parse_name(&configured, name, &pull->reference, err))
        return false;
    pull->familiar = nvb_reference_dup_familiar(&pull->reference);
    pull->n_parallel = configured.n_parallel ? configured.n_parallel : PARALLEL;
    registry_init(&pull->registry, &configured, &pull->reference);
    for (size_t i = 0; i < configured.n; i++) {
        if (configured.items[i].ca && !trust_add_file(pull->trust, configured.items[i].ca, err))
            return false;
    }
    return true;
}

static char *dup_emulator_command(void)
{
    struct nvb_host *host = NULL;
    nvb_auto_err err = { 0 };
    char *command = NULL;

    if (!nvb_host_open("/", &host, &err))
        return nvb_xstrdup("qemu-user-static");
    command = nvb_distro_dup_install_command(host, NVB_PACKAGE_EMULATOR);
    nvb_host_free(host);
    return command;
}

static bool
prepare(void *state, const struct nvb_json *request, struct jail *jail, struct nvb_err *err)
{
    struct pull *pull = state;

    pull->trust = trust_new();
    if (!read_request(pull, request, err))
        return false;
    pull->registry.http.trust = pull->trust;
    pull->emulator = dup_emulator_command();
    for (size_t i = 0; i < pull->registry.n; i++) {
        struct endpoint *endpoint = &pull->registry.endpoints[i];

        login_find(endpoint->name, endpoint->repository, &endpoint->credential, &pull->notes);
    }
    show_network_files(jail);
    jail->has_network = true;
    /* They open files of their own, which are not there inside. */
    if (curl_global_init(CURL_GLOBAL_ALL) != 0 || OPENSSL_init_ssl(0, NULL) != 1)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_IO, "cannot initialise libcurl");
    return true;
}

/* Whoever waits on stop_fd ends; who does something that cannot be interrupted is left behind. */
static void stop(int sig)
{
    int saved = errno;

    (void)sig;
    (void)eventfd_write(stop_fd, 1);
    (void)alarm(GRACE_S);
    errno = saved;
}

static void give_up(int sig)
{
    (void)sig;
    _exit(EXIT_STOPPED);
}

/* Pid 1 of the jail: without handlers these would do nothing at all. */
static bool catch_signals(struct nvb_err *err)
{
    const struct sigaction on_stop = { .sa_handler = stop, .sa_flags = SA_RESTART };
    const struct sigaction on_alarm = { .sa_handler = give_up };

    stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (stop_fd < 0)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot make an event");
    (void)sigaction(SIGINT, &on_stop, NULL);
    (void)sigaction(SIGTERM, &on_stop, NULL);
    (void)sigaction(SIGHUP, &on_stop, NULL);
    (void)sigaction(SIGALRM, &on_alarm, NULL);
    return true;
}

static void tell_note(void *data, const char *text)
{
    report_note(data, text);
}

static struct nvb_json *layers_to_json(struct image_build *build)
{
    const struct nvb_manifest *manifest = image_build_get(build)->manifest;
    struct nvb_json *list = nvb_json_new_array();

    for (size_t i = 0; i < manifest->n_layers; i++) {
        struct nvb_json *layer = nvb_json_new_object();

        nvb_json_set_str(layer, "digest", manifest->layers[i].digest);
        nvb_json_set_u64(layer, "size", manifest->layers[i].size_bytes);
        nvb_json_set_bool(layer, "have", !image_build_needs(build, i));
        nvb_json_append(list, layer);
    }
    return list;
}

static void tell_image(const struct pull *pull, struct report *report, struct image_build *build)
{
    struct nvb_json *event = nvb_json_new_object();
    const struct nvb_platform *p = &pull->platform;
    nvb_autofree char *platform =
        nvb_xasprintf("%s/%s%s%s", p->os, p->arch, *p->variant ? "/" : "", p->variant);

    nvb_json_set_str(event, "event", "image");
    nvb_json_set_str(event, "name", pull->familiar);
    nvb_json_set_str(event, "platform", platform);
    nvb_json_set(event, "layers", layers_to_json(build));
    report_send(report, event);
}

static void watch_progress(void *data, size_t layer, uint64_t n_in, uint64_t n_out)
{
    report_progress(data, layer, n_in, n_out);
}

static void watch_waiting(void *data, size_t layer)
{
    report_layer(data, "waiting", layer);
}

static void tell_there(void *data, size_t layer)
{
    report_layer(data, "layer", layer);
}

static struct nvb_json *done_to_json(const struct pull *pull,
                                     const struct pull_texts *texts,
                                     struct image_build *build,
                                     size_t n_fetched,
                                     uint64_t n_bytes)
{
    struct nvb_json *done = nvb_json_new_object();
    nvb_autofree char *name = nvb_reference_dup_text(&pull->reference);

    nvb_json_set_str(done, "name", name);
    nvb_json_set_str(done, "digest", texts->digest);
    nvb_json_set_u64(done, "layers", image_build_get(build)->manifest->n_layers);
    nvb_json_set_u64(done, "fetched", n_fetched);
    nvb_json_set_u64(done, "bytes", n_bytes);
    return done;
}

static uint64_t count_missing_bytes(struct image_build *build)
{
    const struct nvb_manifest *manifest = image_build_get(build)->manifest;
    uint64_t n = 0;

    for (size_t i = 0; i < manifest->n_layers; i++)
        n += image_build_needs(build, i) ? manifest->layers[i].size_bytes : 0;
    return n;
}

static bool finish(const struct pull *pull,
                   struct report *report,
                   struct image_build *build,
                   struct nvb_err *err)
{
    nvb_auto_strv notes = { 0 };

    if (!image_build_finish(build, &pull->reference, &notes, err))
        return false;
    for (size_t i = 0; i < notes.n; i++)
        report_note(report, notes.items[i]);
    return true;
}

/* With a store and a work area in it. */
static bool pull_into(struct pull *pull,
                      const struct nvb_store *store,
                      struct nvb_work *work,
                      struct report *report,
                      struct nvb_json **out_done,
                      struct nvb_err *err)
{
    const struct pull_wish wish = { &pull->reference, pull->familiar, pull->platform,
                                    pull->emulator };
    const struct build_watch watch = { watch_progress, watch_waiting, report };
    nvb_autoptr(http) http = http_new(&pull->registry.http);
    nvb_autoptr(image_build) build = NULL;
    struct pull_layers layers = { .registry = &pull->registry,
                                  .store = store,
                                  .familiar = pull->familiar,
                                  .n_threads = pull->n_parallel,
                                  .stop_fd = stop_fd,
                                  .part_min_bytes = PART_MIN_BYTES,
                                  .there = tell_there,
                                  .there_data = report };
    auto_texts texts = { 0 };
    uint64_t n_bytes = 0;
    size_t n_fetched = 0;

    if (!pull_texts_get(&wish, &pull->registry, http, store, &texts, err) ||
        !image_build_new(store, work, pull->familiar, texts.manifest.data, texts.manifest.len,
                         texts.config.data, texts.config.len, &build, err))
        return false;
    tell_image(pull, report, build);
    image_build_watch(build, &watch);
    n_bytes = count_missing_bytes(build);
    layers.build = build;
    if (!pull_layers_get(&layers, &n_fetched, err) || !finish(pull, report, build, err))
        return false;
    *out_done = done_to_json(pull, &texts, build, n_fetched, n_bytes);
    return true;
}

static bool open_store(struct nvb_store **out, struct nvb_err *err)
{
    int fd = open("/store", O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot open the store");
    return nvb_store_open_fd(fd, NVB_STORE_WRITE, out, err);
}

static bool
work(void *state, struct report *report, struct nvb_json **out_done, struct nvb_err *err)
{
    struct pull *pull = state;
    nvb_autoptr(nvb_store) store = NULL;
    nvb_autoptr(nvb_work) area = NULL;

    if (!catch_signals(err))
        return false;
    pull->registry.http.stop_fd = stop_fd;
    pull->registry.note = tell_note;
    pull->registry.note_data = report;
    for (size_t i = 0; i < pull->notes.n; i++)
        report_note(report, pull->notes.items[i]);
    if (!open_store(&store, err))
        return false;
    nvb_work_sweep(store);
    return nvb_work_begin(store, &area, err) &&
           (pull_into(pull, store, area, report, out_done, err) ||
            nvb_while(err, "cannot pull '%s'", pull->familiar));
}

static void clear(void *state)
{
    struct pull *pull = state;

    nvb_reference_clear(&pull->reference);
    free(pull->familiar);
    free(pull->platform_text);
    free(pull->emulator);
    registry_clear(&pull->registry);
    trust_free(pull->trust);
    nvb_strv_clear(&pull->notes);
}

const struct word word_pull = {
    .name = "pull",
    .state_size = sizeof(struct pull),
    .makes_layers = true,
    .prepare = prepare,
    .work = work,
    .clear = clear,
};
