/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* verb.h - what nvbind-runtime can be asked for; each has a table of its options. */
#pragma once

#include "cmd.h"

struct options {
    /* before the verb */
    const char *root;
    const char *log;
    const char *log_format;
    const char *log_level;
    const char *delegate;
    const char *cgroup_manager;
    const char *rootless;
    bool has_debug;
    bool is_systemd;
    bool wants_version;
    /* behind it */
    const char *bundle;
    const char *pid_file;
    const char *console_socket;
    const char *kept_fds;
    const char *format;
    const char *process;
    const char *cwd;
    const char *user;
    const char *resources;
    struct nvb_strv env;
    struct nvb_strv capabilities;
    bool has_no_pivot;
    bool has_no_keyring;
    bool is_detached;
    bool keeps;
    bool has_terminal;
    bool has_no_new_privileges;
    bool is_all;
    bool is_forced;
    bool is_quiet;
    /* made of them */
    char *root_path;  /* owned */
    char **all_words; /* borrowed; the whole command line */
};

struct verb {
    struct cmd cmd;
    /* The exit status; or -1 with the error set. */
    int (*run)(const struct options *o, char **words, struct nvb_err *err);
};

extern const struct verb verb_create;
extern const struct verb verb_delete;
extern const struct verb verb_exec;
extern const struct verb verb_features;
extern const struct verb verb_kill;
extern const struct verb verb_list;
extern const struct verb verb_pause;
extern const struct verb verb_ps;
extern const struct verb verb_resume;
extern const struct verb verb_run;
extern const struct verb verb_start;
extern const struct verb verb_state;
extern const struct verb verb_update;

/* -1 for what is no error. */
bool verb_read_number(const char *word, const char *option, unsigned *out, struct nvb_err *err);
