/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* request.h - what the user wants, in one struct: the parsed form of `nvbind run ...`.
 *
 * Nothing here was checked against the machine; that is `resolve`. Zero means "unset". */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "nvbind/profile.h"

#ifdef __cplusplus
extern "C" {
#endif

enum nvb_network {
    NVB_NETWORK_NONE = 0, /* a network of its own with loopback only */
    NVB_NETWORK_HOST,     /* the caller's network, abstract sockets included */
    NVB_NETWORK_INTERNET, /* the outside through a helper, not the machine and its neighbours */
    NVB_NETWORK_LAN,      /* the neighbours, too; still not the machine's loopback */
};

/* Ports of the container that the machine listens on for it, `count` in a row. */
struct nvb_port {
    char *address;           /* owned; of the machine; NULL = 127.0.0.1 and ::1 */
    uint16_t host_port;      /* 0 = any that is free */
    uint16_t container_port; /* never 0 */
    uint16_t count;          /* at least 1; 1 when host_port is 0 */
    bool is_udp;
};

/* What follows when the command of a detached container ended by itself. */
enum nvb_restart {
    NVB_RESTART_NO = 0,
    NVB_RESTART_ON_FAILURE, /* with another status than 0 */
    NVB_RESTART_ALWAYS,
    NVB_RESTART_UNLESS_STOPPED, /* the same, but not at boot once a user had stopped it */
};

/* Which ids stand behind the users of an image. */
enum nvb_userns_wish {
    NVB_USERNS_AUTO = 0, /* as many as the caller has */
    NVB_USERNS_SINGLE,   /* the container's user <- the caller, no other */
    NVB_USERNS_FULL,
};

/* When to ask the registry for an image. */
enum nvb_pull_wish {
    NVB_PULL_MISSING = 0,
    NVB_PULL_ALWAYS,
    NVB_PULL_NEVER,
};

struct nvb_volume {
    char *source;      /* owned; absolute path on the host */
    char *destination; /* owned; absolute path in the container */
    bool is_ro;
};

struct nvb_request {
    char *image;    /* owned; "host", or the name of an image in the store */
    char **command; /* owned, NULL-terminated; NULL = the image's own (host: the user's shell) */
    size_t n_command;

    char *profile;   /* owned; name, NULL = none, or what fits the game */
    char *game;      /* owned; what games.toml may know more of, NULL = none */
    char **settings; /* owned, NULL-terminated "frames.cap=60": beat the profile and the game */
    size_t n_settings;
    char **gpus;   /* owned, NULL-terminated: "all" "none" "0" "GPU-..." "0000:01:00.0" "software"
                  * "nvidia.com/gpu=0": a device of a CDI specification */
    size_t n_gpus; /* 0 = none unless the profile asks */

    char **env; /* owned, NULL-terminated "NAME=value" */
    size_t n_env;
    struct nvb_volume *volumes; /* owned */
    size_t n_volumes;
    char *workdir;  /* owned; NULL = the home */
    char *hostname; /* owned; NULL = the image's name */
    char *name;     /* owned; NULL = none but its id */

    enum nvb_network network;
    char *joined;           /* owned; a network of containers, by its name; NULL = none */
    struct nvb_port *ports; /* owned */
    size_t n_ports;
    enum nvb_display_wish display;
    bool has_display; /* given on the command line: beats the profile */
    enum nvb_sandbox_profile sandbox;
    bool has_sandbox;    /* given on the command line: beats the profile */
    bool is_read_only;   /* no writable layer over the image */
    bool has_tty;        /* -t */
    bool is_interactive; /* -i: stdin is passed on */

    uint64_t memory_bytes; /* 0 = no limit */
    uint64_t cpu_millis;   /* thousandths of a CPU; 0 = no limit */
    uint64_t n_pids;       /* 0 = no limit */

    char *report; /* owned; file for the run's figures as JSON, NULL = none */

    bool is_detached;     /* -d: it lives on behind the command that started it */
    bool is_auto_removed; /* --rm */
    enum nvb_restart restart;
    unsigned restart_max; /* of on-failure: failures in a row; 0 = no end */
    char **labels;        /* owned, NULL-terminated "NAME=value" */
    size_t n_labels;
    unsigned stop_signal; /* 0 = SIGTERM */
    bool has_stop_timeout;
    unsigned stop_timeout_s; /* until SIGKILL; unless given: 10 */
    /* Only for images of the store. */
    char *user;       /* owned; "USER[:GROUP]", NULL = the image's */
    char *entrypoint; /* owned; instead of the image's, "" = none; NULL = the image's */
    enum nvb_userns_wish userns;
    enum nvb_pull_wish pull;
    char **added_caps; /* owned, NULL-terminated; beside docker's usual ones, or "ALL" */
    size_t n_added_caps;
    char **dropped_caps; /* owned, NULL-terminated */
    size_t n_dropped_caps;
    bool trusts_image_gpu_env; /* NVIDIA_VISIBLE_DEVICES of the image chooses GPUs */
};

NVB_API struct nvb_request *nvb_request_new(void);
NVB_API void nvb_request_free(struct nvb_request *request);

/* "SRC:DST" or "SRC:DST:ro|rw"; both absolute. */
NVB_API bool
nvb_request_add_volume(struct nvb_request *request, const char *text, struct nvb_err *err);
/* "NAME=value", or "NAME" for the caller's own value. */
NVB_API bool
nvb_request_add_env(struct nvb_request *request, const char *text, struct nvb_err *err);
/* "NAME=value" or "NAME". */
NVB_API bool
nvb_request_add_label(struct nvb_request *request, const char *text, struct nvb_err *err);
/* "no", "on-failure", "on-failure:N", "always" or "unless-stopped". */
NVB_API bool
nvb_request_set_restart(struct nvb_request *request, const char *text, struct nvb_err *err);
/* Letters, digits, '_', '.' and '-', the first none of those three; and not like an id. */
NVB_API bool
nvb_request_set_name(struct nvb_request *request, const char *text, struct nvb_err *err);
/* "TERM", "SIGTERM" or "15". */
NVB_API bool
nvb_request_set_stop_signal(struct nvb_request *request, const char *text, struct nvb_err *err);
/* "none", "host", "internet" or "lan"; another word joins the network of containers of that name,
 * beside one of these. */
NVB_API bool
nvb_request_set_network(struct nvb_request *request, const char *text, struct nvb_err *err);
/* "[IP:][HOST:]CONTAINER[/tcp|/udp]"; HOST and CONTAINER may be ranges of the same length, an IPv6
 * address stands in brackets. A range without HOST makes one entry a port. */
NVB_API bool
nvb_request_add_port(struct nvb_request *request, const char *text, struct nvb_err *err);
/* Such words line by line; blank lines and those that begin with '#' are passed over, and names
 * alone that are not set here. */
NVB_API bool
nvb_request_add_env_file(struct nvb_request *request, const char *path, struct nvb_err *err);
/* "NET_ADMIN", "CAP_NET_ADMIN" or "ALL". */
NVB_API bool
nvb_request_add_capability(struct nvb_request *request, const char *text, struct nvb_err *err);
NVB_API bool
nvb_request_drop_capability(struct nvb_request *request, const char *text, struct nvb_err *err);
NVB_API void nvb_request_add_setting(struct nvb_request *request, const char *text);
NVB_API void nvb_request_add_gpu(struct nvb_request *request, const char *text);

/* The request as JSON text, one line end at the end; free it. Values of variables are left
 * out, since they may be secrets. */
NVB_API char *nvb_request_to_json_text(const struct nvb_request *request);

#ifdef __cplusplus
}
#endif
