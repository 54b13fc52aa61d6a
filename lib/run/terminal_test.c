/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "test.h"

/* The caller's terminal is fd 0; the container's has a master for us and a slave for it. */
struct bed {
    int caller_master;
    int slave;
    struct nvb_terminal terminal;
};

static struct bed make_bed(bool is_interactive)
{
    struct bed bed = { .caller_master = -1, .slave = -1, .terminal = { .master = -1 } };
    struct winsize size = { .ws_row = 33, .ws_col = 99 };
    struct termios mode;
    int caller_slave = -1;
    int master = -1;

    EXPECT(openpty(&bed.caller_master, &caller_slave, NULL, NULL, &size) == 0);
    EXPECT(openpty(&master, &bed.slave, NULL, NULL, NULL) == 0);
    EXPECT(tcgetattr(bed.slave, &mode) == 0);
    mode.c_lflag &= ~(tcflag_t)ECHO; /* an echo would come out among the test's own lines */
    EXPECT(tcsetattr(bed.slave, TCSANOW, &mode) == 0);
    EXPECT(dup2(caller_slave, STDIN_FILENO) == STDIN_FILENO && close(caller_slave) == 0);
    nvb_terminal_open(&bed.terminal, master, is_interactive);
    return bed;
}

static tcflag_t caller_flags(void)
{
    struct termios mode;

    EXPECT(tcgetattr(STDIN_FILENO, &mode) == 0);
    return mode.c_lflag;
}

/* Stdout becomes a pipe; its reading end is returned. */
static int catch_output(int *out_saved)
{
    int ends[2];

    (void)fflush(stdout);
    EXPECT(pipe2(ends, O_CLOEXEC) == 0);
    *out_saved = dup(STDOUT_FILENO);
    EXPECT(dup2(ends[1], STDOUT_FILENO) == STDOUT_FILENO && close(ends[1]) == 0);
    return ends[0];
}

static void expect_caught(int fd, int saved, const char *want)
{
    char got[65536] = "";
    ssize_t len = 0;

    EXPECT(dup2(saved, STDOUT_FILENO) == STDOUT_FILENO);
    len = read(fd, got, sizeof(got) - 1);
    EXPECT(len >= 0);
    got[len] = '\0';
    EXPECT_STR(got, want);
    (void)close(fd);
    (void)close(saved);
}

TEST(the_callers_terminal_is_raw_while_it_is_lent)
{
    struct bed bed = make_bed(true);

    EXPECT(!(caller_flags() & (ICANON | ECHO | ISIG)));
    nvb_terminal_close(&bed.terminal);
    EXPECT((caller_flags() & (ICANON | ECHO | ISIG)) == (ICANON | ECHO | ISIG));
    EXPECT(bed.terminal.master == -1);
    nvb_terminal_close(&bed.terminal); /* again does nothing */
}

TEST(without_input_the_callers_terminal_stays_as_it_is)
{
    struct bed bed = make_bed(false);

    EXPECT(caller_flags() & ICANON);
    EXPECT(bed.terminal.input == -1 && !bed.terminal.is_raw);
    nvb_terminal_close(&bed.terminal);
}

TEST(the_size_is_copied_and_follows)
{
    struct bed bed = make_bed(true);
    struct winsize size = { 0 };

    EXPECT(ioctl(bed.slave, TIOCGWINSZ, &size) == 0 && size.ws_row == 33 && size.ws_col == 99);
    size = (struct winsize){ .ws_row = 50, .ws_col = 200 };
    EXPECT(ioctl(bed.caller_master, TIOCSWINSZ, &size) == 0);
    nvb_terminal_resize(&bed.terminal);
    size = (struct winsize){ 0 };
    EXPECT(ioctl(bed.slave, TIOCGWINSZ, &size) == 0 && size.ws_row == 50 && size.ws_col == 200);
    nvb_terminal_close(&bed.terminal);
}

TEST(what_is_typed_arrives)
{
    struct bed bed = make_bed(true);
    char got[16] = "";

    EXPECT(write(bed.caller_master, "ls\r", 3) == 3);
    nvb_terminal_read_input(&bed.terminal);
    EXPECT(bed.terminal.to_master.len == 3);
    nvb_terminal_write_input(&bed.terminal);
    EXPECT(bed.terminal.to_master.len == 0);
    EXPECT(read(bed.slave, got, sizeof(got)) == 3);
    EXPECT_STR(got, "ls\n"); /* the container's terminal makes the line end, not the caller's */
    nvb_terminal_close(&bed.terminal);
}

TEST(the_end_of_input_is_typed_once)
{
    struct bed bed = make_bed(true);
    char got[16] = "";
    int ends[2];

    EXPECT(pipe2(ends, O_CLOEXEC) == 0 && dup2(ends[0], STDIN_FILENO) == 0);
    EXPECT(write(ends[1], "x\n", 2) == 2 && close(ends[1]) == 0);
    nvb_terminal_read_input(&bed.terminal);
    nvb_terminal_read_input(&bed.terminal);
    EXPECT(bed.terminal.input == -1 && bed.terminal.to_master.len == 3);
    nvb_terminal_write_input(&bed.terminal);
    EXPECT(read(bed.slave, got, sizeof(got)) == 2);
    EXPECT(read(bed.slave, got, sizeof(got)) == 0);
    nvb_terminal_close(&bed.terminal);
}

TEST(output_is_copied_byte_for_byte)
{
    struct bed bed = make_bed(true);
    int saved = -1;
    int caught = catch_output(&saved);

    EXPECT(write(bed.slave, "a\nb", 3) == 3);
    EXPECT(nvb_terminal_copy_output(&bed.terminal));
    expect_caught(caught, saved, "a\r\nb");
    nvb_terminal_close(&bed.terminal);
}

TEST(what_is_left_at_the_end_is_printed)
{
    struct bed bed = make_bed(true);
    int saved = -1;
    int caught = catch_output(&saved);

    EXPECT(write(bed.slave, "last words", 10) == 10 && close(bed.slave) == 0);
    nvb_terminal_close(&bed.terminal);
    expect_caught(caught, saved, "last words");
}

TEST(a_closed_side_is_told)
{
    struct bed bed = make_bed(true);

    EXPECT(close(bed.slave) == 0);
    EXPECT(!nvb_terminal_copy_output(&bed.terminal));
    nvb_terminal_close(&bed.terminal);
}

/* A program that does not read: what is typed waits, nothing is lost, nobody hangs. */
TEST(much_typed_ahead_waits_its_turn)
{
    enum {
        N = 300000, /* more than a terminal takes in while nobody reads (some 64 kB) */
    };

    struct bed bed = make_bed(true);
    nvb_auto_buf got = { 0 };
    struct termios raw;
    char line[512];

    EXPECT(tcgetattr(bed.slave, &raw) == 0);
    cfmakeraw(&raw);
    EXPECT(tcsetattr(bed.slave, TCSANOW, &raw) == 0);
    EXPECT(fcntl(bed.terminal.master, F_SETFL, O_NONBLOCK) == 0);
    for (size_t i = 0; i < N; i++)
        nvb_buf_add(&bed.terminal.to_master, &"0123456789"[i % 10], 1);
    for (int i = 0; i < 1000; i++)
        nvb_terminal_write_input(&bed.terminal);
    EXPECT(bed.terminal.to_master.len > 0 && bed.terminal.to_master.len < N);
    EXPECT(fcntl(bed.slave, F_SETFL, O_NONBLOCK) == 0);
    for (int idle = 0; got.len < N && idle < 1000; idle++) {
        ssize_t len = read(bed.slave, line, sizeof(line));

        if (len > 0) {
            nvb_buf_add(&got, line, (size_t)len);
            idle = 0;
        } else {
            (void)usleep(1000);
        }
        nvb_terminal_write_input(&bed.terminal);
    }
    EXPECT(got.len == N);
    for (size_t i = 0; i < N; i++)
        EXPECT(got.data[i] == "0123456789"[i % 10]);
    nvb_terminal_close(&bed.terminal);
}
