/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* terminal.h - the pseudo terminal and the frame ring: made by the child in its own file systems,
 * handed to the parent as descriptors. And the parent's side of the terminal. */
#pragma once

#include <termios.h>

#include "run/launch.h"

/* Child, still with the rights of its namespace: make what the container asks for and hand it
 * over: the ring first, then the terminal's master, which a detached container keeps. */
void nvb_child_hand_over(struct nvb_launch *launch);

/* The caller's terminal while the container has it. */
struct nvb_terminal {
    int master;  /* owned; -1 = none */
    int input;   /* borrowed: 0, or -1 when the container gets no input */
    bool is_raw; /* `saved` must be put back */
    struct termios saved;
    struct nvb_buf to_master; /* typed, not yet taken */
};

/* Parent: take the master over, copy the window size, make the caller's terminal raw. */
void nvb_terminal_open(struct nvb_terminal *terminal, int take_master, bool is_interactive);
void nvb_terminal_resize(const struct nvb_terminal *terminal);

/* Move what is ready; false when the container's side is closed. */
bool nvb_terminal_copy_output(const struct nvb_terminal *terminal);
void nvb_terminal_read_input(struct nvb_terminal *terminal);
void nvb_terminal_write_input(struct nvb_terminal *terminal);

/* Print what is left, put the caller's terminal back. */
void nvb_terminal_close(struct nvb_terminal *terminal);
