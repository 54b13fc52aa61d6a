/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "base/process.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "test.h"

static pid_t sleeper(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)pause();
        _exit(0);
    }
    return pid;
}

static void end(pid_t pid)
{
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
}

TEST(a_process_is_found_by_what_was_printed_of_it)
{
    char text[NVB_PROCESS_TEXT];
    struct nvb_process process;
    struct nvb_process back;
    pid_t pid = sleeper();
    nvb_autoclose int fd = -1;

    EXPECT(nvb_process_read(pid, &process));
    nvb_process_print(&process, text);
    EXPECT(nvb_process_parse(text, &back));
    EXPECT(back.pid == pid && back.start_ticks == process.start_ticks);
    EXPECT_STR(back.boot_id, process.boot_id);
    EXPECT(nvb_process_age_s(&back) < 5);
    fd = nvb_process_open(&back);
    EXPECT(fd >= 0 && !nvb_process_has_ended(fd));
    end(pid);
    EXPECT(nvb_process_has_ended(fd));
    EXPECT(nvb_process_open(&back) < 0);
}

TEST(a_zombie_has_ended)
{
    struct nvb_process process;
    pid_t pid = sleeper();
    siginfo_t info;

    EXPECT(nvb_process_read(pid, &process));
    (void)kill(pid, SIGKILL);
    EXPECT(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0);
    EXPECT(nvb_process_open(&process) < 0);
    end(pid);
}

TEST(another_process_with_the_number_is_not_it)
{
    struct nvb_process process;
    struct nvb_process other;
    pid_t pid = sleeper();

    EXPECT(nvb_process_read(pid, &process));
    other = process;
    other.start_ticks++;
    other.inode = 0; /* as a kernel before 6.9 has it */
    EXPECT(nvb_process_open(&other) < 0);
    other = process;
    other.inode += process.inode != 0;
    EXPECT(process.inode == 0 || nvb_process_open(&other) < 0);
    other = process;
    memset(other.boot_id, 'f', 8);
    EXPECT(nvb_process_open(&other) < 0);
    end(pid);
}

TEST(a_name_with_blanks_and_brackets_does_not_confuse)
{
    struct nvb_process process;

    (void)prctl(PR_SET_NAME, "a) 1 2 (b");
    EXPECT(nvb_process_read(getpid(), &process));
    EXPECT(nvb_process_age_s(&process) < 60);
}

TEST(text_that_names_no_process_is_refused)
{
    static const char *const bad[] = {
        "",
        "1",
        "1 2",
        "0 1 b",
        "-1 1 b",
        "1 0 b",
        "x 1 b",
        "1 x b",
        "99999999999 1 b",
        "1 2 0123456789012345678901234567890123456789",
        "1 2 b x",
        "1 2 b 7 8",
    };
    struct nvb_process process;

    EXPECT(nvb_process_parse("1 2 b", &process) && process.inode == 0);
    EXPECT(nvb_process_parse("1 0 b 7", &process) && process.inode == 7);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        EXPECT(!nvb_process_parse(bad[i], &process));
}
