/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* cmd.h - the commands of nvbind; what a command is stands in command/cmd.h. */
#pragma once

#include "command/cmd.h"

extern const struct cmd cmd_cdi;
extern const struct cmd cmd_cdi_check;
extern const struct cmd cmd_cdi_generate;
extern const struct cmd cmd_cdi_list;
extern const struct cmd cmd_cdi_refresh;
extern const struct cmd cmd_cdi_validate;
extern const struct cmd cmd_completions;
extern const struct cmd cmd_cp;
extern const struct cmd cmd_doctor;
extern const struct cmd cmd_exec;
extern const struct cmd cmd_export;
extern const struct cmd cmd_game;
extern const struct cmd cmd_game_list;
extern const struct cmd cmd_game_set;
extern const struct cmd cmd_game_show;
extern const struct cmd cmd_game_unset;
extern const struct cmd cmd_help;
extern const struct cmd cmd_images;
extern const struct cmd cmd_import;
extern const struct cmd cmd_info;
extern const struct cmd cmd_kill;
extern const struct cmd cmd_logs;
extern const struct cmd cmd_profile;
extern const struct cmd cmd_profile_copy;
extern const struct cmd cmd_profile_keys;
extern const struct cmd cmd_profile_list;
extern const struct cmd cmd_profile_new;
extern const struct cmd cmd_profile_remove;
extern const struct cmd cmd_profile_set;
extern const struct cmd cmd_profile_show;
extern const struct cmd cmd_profile_unset;
extern const struct cmd cmd_profile_validate;
extern const struct cmd cmd_prune;
extern const struct cmd cmd_ps;
extern const struct cmd cmd_pull;
extern const struct cmd cmd_restart;
extern const struct cmd cmd_rm;
extern const struct cmd cmd_rmi;
extern const struct cmd cmd_run;
extern const struct cmd cmd_start;
extern const struct cmd cmd_stop;
extern const struct cmd cmd_store;
extern const struct cmd cmd_store_check;
extern const struct cmd cmd_tag;
extern const struct cmd cmd_wait;
