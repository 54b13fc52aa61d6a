/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* The built layer between a fake loader and a fake driver; also built for 32 bit, so it stands
 * on the C library alone. */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "layer/ring.h"
#include "ring_bed.h"
#include "test.h"
#include "tree.h"

/* The ring is no ring: everything passes through and the program lives. */
static void expect_passes_through(void)
{
    struct fake_game game;

    EXPECT(fake_start(&game));
    EXPECT(fake_make_swapchain(&game, 640, 480) == VK_SUCCESS);
    present(&game, 1000);
    EXPECT(fake_driver.n_presents == 1000);
    fake_stop(&game);
    EXPECT(fake_driver.n_live_devices == 0 && fake_driver.n_live_instances == 0);
}

TEST(negotiates_version_2_only)
{
    VkNegotiateLayerInterface layer = { 0 };
    VkNegotiateLayerInterface old = { .sType = LAYER_NEGOTIATE_INTERFACE_STRUCT,
                                      .loaderLayerInterfaceVersion = 1 };
    VkNegotiateLayerInterface odd = { .loaderLayerInterfaceVersion = 2 };
    PFN_vkNegotiateLoaderLayerInterfaceVersion negotiate = NULL;

    EXPECT(fake_load(&layer));
    EXPECT(layer.loaderLayerInterfaceVersion == 2);
    EXPECT(layer.pfnGetInstanceProcAddr && layer.pfnGetDeviceProcAddr);
    negotiate = fake_get_negotiate();
    EXPECT(negotiate(&old) == VK_ERROR_INITIALIZATION_FAILED && !old.pfnGetInstanceProcAddr);
    EXPECT(negotiate(&odd) == VK_ERROR_INITIALIZATION_FAILED);
    EXPECT(negotiate(NULL) == VK_ERROR_INITIALIZATION_FAILED);
}

TEST(hands_on_what_it_does_not_know)
{
    struct fake_game game;

    EXPECT(fake_start(&game));
    EXPECT(game.get_device_proc(game.device, "vkDeviceWaitIdle") ==
           (PFN_vkVoidFunction)fake_device_wait_idle);
    EXPECT(game.get_instance_proc(game.instance, "vkDeviceWaitIdle") ==
           (PFN_vkVoidFunction)fake_device_wait_idle);
    EXPECT(game.get_device_proc(game.device, "vkNoSuchThing") == NULL);
    EXPECT(game.get_instance_proc(game.instance, "vkNoSuchThing") == NULL);
    EXPECT(game.get_instance_proc(NULL, "vkEnumerateInstanceVersion") == NULL);
    EXPECT(game.present != fake_present && game.create_swapchain != NULL);
    fake_stop(&game);
}

TEST(has_no_present_where_the_driver_has_none)
{
    struct fake_game game;

    fake_driver.has_swapchain = false;
    EXPECT(fake_start(&game));
    EXPECT(game.present == NULL && game.create_swapchain == NULL);
    EXPECT(game.get_instance_proc(game.instance, "vkQueuePresentKHR") == NULL);
    EXPECT(game.get_device_proc(game.device, "vkDestroyDevice") != NULL);
    fake_stop(&game);
}

TEST(hands_on_a_failed_creation)
{
    VkNegotiateLayerInterface layer;
    struct fake_game game;

    EXPECT(fake_load(&layer));
    fake_driver.create_result = VK_ERROR_INCOMPATIBLE_DRIVER;
    EXPECT(fake_create_instance(&layer, &game) == VK_ERROR_INCOMPATIBLE_DRIVER);
    fake_driver.create_result = VK_SUCCESS;
    EXPECT(fake_create_instance(&layer, &game) == VK_SUCCESS);
    fake_driver.create_result = VK_ERROR_FEATURE_NOT_PRESENT;
    EXPECT(fake_create_device(&layer, &game) == VK_ERROR_FEATURE_NOT_PRESENT);
}

TEST(counts_and_times_every_frame)
{
    int ring = make_ring();
    struct fake_game game;
    struct nvb_ring_slot slot;
    uint64_t before_ns = (uint64_t)(now_s() * 1e9);

    EXPECT(fake_start(&game));
    EXPECT(fake_make_swapchain(&game, 1280, 720) == VK_SUCCESS);
    present(&game, 5000);
    EXPECT(fake_driver.n_presents == 5000 && fake_driver.last_queue == game.queue);
    fake_stop(&game);
    slot = get_slot(ring, 0);
    EXPECT(slot.pid == (uint32_t)getpid() && slot.api == NVB_RING_API_VULKAN);
    EXPECT(slot.width == 1280 && slot.height == 720 && slot.n_swapchains == 1);
    EXPECT(slot.present_mode == VK_PRESENT_MODE_MAILBOX_KHR);
    EXPECT(strstr((const char *)slot.program, "chain") != NULL);
    EXPECT(slot.head == 5000);
    for (unsigned k = 5000 - NVB_RING_FRAMES + 1; k < 5000; k++)
        EXPECT(get_frame(ring, 0, k).end_ns >= get_frame(ring, 0, k - 1).end_ns);
    EXPECT(get_frame(ring, 0, 4999).end_ns >= before_ns - 1000000);
    EXPECT(get_frame(ring, 0, 4999).end_ns <= (uint64_t)(now_s() * 1e9) + 1000000);
    EXPECT(get_slot(ring, 1).pid == 0);
}

TEST(hands_on_the_very_present_it_got)
{
    int ring = make_ring();
    const VkPresentInfoKHR info = { .sType = VK_STRUCTURE_TYPE_PRESENT_INFO_KHR };
    struct fake_game game;

    EXPECT(fake_start(&game) && ring >= 0);
    fake_driver.present_result = VK_ERROR_SURFACE_LOST_KHR;
    EXPECT(game.present(game.queue, &info) == VK_ERROR_SURFACE_LOST_KHR);
    EXPECT(fake_driver.last_queue == game.queue && fake_driver.last_info == &info);
    fake_stop(&game);
}

TEST(a_failed_present_is_no_frame)
{
    int ring = make_ring();
    struct fake_game game;

    EXPECT(fake_start(&game));
    fake_driver.present_result = VK_SUBOPTIMAL_KHR;
    present(&game, 3);
    fake_driver.present_result = VK_ERROR_OUT_OF_DATE_KHR;
    present(&game, 5);
    fake_stop(&game);
    EXPECT(get_slot(ring, 0).head == 3);
}

TEST(keeps_its_slot_over_several_instances_and_devices)
{
    int ring = make_ring();
    struct fake_game games[40];

    for (int round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 40; i++) {
            EXPECT(fake_start(&games[i]));
            EXPECT(fake_make_swapchain(&games[i], 100 + i, 50) == VK_SUCCESS);
        }
        for (unsigned i = 0; i < 40; i++) {
            present(&games[i], 10);
            EXPECT(fake_driver.last_queue == games[i].queue);
        }
        for (unsigned i = 0; i < 40; i++)
            fake_stop(&games[i]);
    }
    EXPECT(get_slot(ring, 0).head == 1200 && get_slot(ring, 0).n_swapchains == 120);
    EXPECT(get_slot(ring, 0).width == 139 && get_slot(ring, 1).pid == 0);
}

static void *present_slowly(void *game)
{
    const struct timespec pause = { .tv_nsec = 100000 };

    for (int i = 0; i < 500; i++) {
        present(game, 1);
        (void)nanosleep(&pause, NULL);
    }
    return NULL;
}

TEST(counts_the_frames_of_all_threads)
{
    int ring = make_ring();
    struct fake_game games[2];
    pthread_t threads[8];

    EXPECT(fake_start(&games[0]) && fake_start(&games[1]));
    for (int i = 0; i < 8; i++)
        EXPECT(pthread_create(&threads[i], NULL, present_slowly, &games[i % 2]) == 0);
    for (int i = 0; i < 8; i++)
        EXPECT(pthread_join(threads[i], NULL) == 0);
    fake_stop(&games[0]);
    fake_stop(&games[1]);
    EXPECT(get_slot(ring, 0).head == 4000 && get_slot(ring, 1).pid == 0);
}

static void *present_hard(void *game)
{
    present(game, 100000);
    return NULL;
}

TEST(survives_threads_that_present_without_pause)
{
    int ring = make_ring();
    struct fake_game game;
    pthread_t threads[4];

    EXPECT(fake_start(&game));
    for (int i = 0; i < 4; i++)
        EXPECT(pthread_create(&threads[i], NULL, present_hard, &game) == 0);
    for (int i = 0; i < 4; i++)
        EXPECT(pthread_join(threads[i], NULL) == 0);
    fake_stop(&game);
    EXPECT(fake_driver.n_presents == 400000);
    EXPECT(get_slot(ring, 0).head > 1000 && get_slot(ring, 0).head <= 400000);
    for (unsigned k = 0; k < 1000; k++)
        EXPECT(get_frame(ring, 0, k).end_ns != 0);
}

TEST(a_forked_child_has_its_own_slot)
{
    int ring = make_ring();
    struct fake_game game;
    int status = -1;
    pid_t child = 0;

    EXPECT(fake_start(&game));
    EXPECT(fake_make_swapchain(&game, 800, 600) == VK_SUCCESS);
    present(&game, 10);
    child = fork();
    if (child == 0) {
        present(&game, 70);
        fake_stop(&game);
        exit(0);
    }
    EXPECT(waitpid(child, &status, 0) == child && status == 0);
    present(&game, 5);
    fake_stop(&game);
    EXPECT(get_slot(ring, 0).pid == (uint32_t)getpid() && get_slot(ring, 0).head == 15);
    EXPECT(get_slot(ring, 1).pid == (uint32_t)child && get_slot(ring, 1).head == 70);
    EXPECT(get_slot(ring, 1).width == 800);
}

TEST(a_child_that_presents_nothing_takes_no_slot)
{
    int ring = make_ring();
    struct fake_game game;
    int status = -1;
    pid_t child = 0;

    EXPECT(fake_start(&game));
    present(&game, 10);
    child = fork();
    if (child == 0)
        exit(0);
    EXPECT(waitpid(child, &status, 0) == child && status == 0);
    fake_stop(&game);
    EXPECT(get_slot(ring, 0).head == 10 && get_slot(ring, 1).pid == 0);
}

TEST(frames_of_a_program_that_just_exits_arrive)
{
    int ring = make_ring();
    struct fake_game game;
    int status = -1;
    pid_t child = fork();

    if (child == 0) {
        EXPECT(fake_start(&game));
        present(&game, 33);
        exit(0);
    }
    EXPECT(waitpid(child, &status, 0) == child && status == 0);
    EXPECT(get_slot(ring, 0).pid == (uint32_t)child && get_slot(ring, 0).head == 33);
}

TEST(passes_through_when_all_slots_are_taken)
{
    int ring = make_ring();
    const uint32_t pid = 99;

    for (unsigned i = 0; i < NVB_RING_SLOTS; i++)
        EXPECT(pwrite(ring, &pid, sizeof(pid), slot_at(i)) == sizeof(pid));
    expect_passes_through();
    for (unsigned i = 0; i < NVB_RING_SLOTS; i++)
        EXPECT(get_slot(ring, i).pid == 99 && get_slot(ring, i).head == 0);
}

TEST(passes_through_without_a_ring)
{
    EXPECT(setenv(NVB_RING_FILE_ENV, "/nonexistent/ring", 1) == 0);
    expect_passes_through();
}

TEST(passes_through_when_the_ring_is_a_directory_or_a_pipe)
{
    EXPECT(setenv(NVB_RING_FILE_ENV, "/tmp", 1) == 0);
    expect_passes_through();
    EXPECT(setenv(NVB_RING_FILE_ENV, "/dev/null", 1) == 0);
    fake_driver.n_presents = 0;
    expect_passes_through();
}

TEST(passes_through_when_the_ring_is_short)
{
    int ring = make_ring();

    EXPECT(ftruncate(ring, NVB_RING_FILE_SIZE - 1) == 0);
    expect_passes_through();
    EXPECT(get_slot(ring, 0).pid == 0);
}

TEST(passes_through_when_the_ring_is_of_another_version)
{
    int ring = make_ring();
    const uint32_t version = NVB_RING_VERSION + 1;

    EXPECT(pwrite(ring, &version, sizeof(version), offsetof(struct nvb_ring_header, version)) ==
           sizeof(version));
    expect_passes_through();
    EXPECT(get_slot(ring, 0).pid == 0);
}

TEST(passes_through_when_the_ring_may_not_be_written)
{
    int ring = make_ring();
    VkNegotiateLayerInterface loaded;

    if (geteuid() != 0)
        SKIP("needs root to become somebody else");
    /* Loaded before: the other one may not enter the folder that the layer was built in. */
    EXPECT(fake_load(&loaded));
    EXPECT(fchmod(ring, 0400) == 0 && setresuid(65534, 65534, 65534) == 0);
    expect_passes_through();
    EXPECT(get_slot(ring, 0).pid == 0);
}

TEST(passes_through_under_a_file_size_limit)
{
    const struct rlimit limit = { .rlim_cur = 4096, .rlim_max = 4096 };
    int ring = make_ring();

    EXPECT(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    expect_passes_through();
    EXPECT(get_slot(ring, 0).pid == 0);
}

TEST(survives_a_ring_cut_short_while_it_runs)
{
    int ring = make_ring();
    struct fake_game game;
    struct stat st;

    EXPECT(fake_start(&game));
    present(&game, 100);
    EXPECT(ftruncate(ring, 10) == 0);
    present(&game, 10000);
    fake_stop(&game);
    EXPECT(fake_driver.n_presents == 10100);
    EXPECT(fstat(ring, &st) == 0 && st.st_size == 10);
}

/* A daemonising game closes all descriptors it does not know and opens its own: the layer must
 * never write into those. */
TEST(writes_into_no_file_that_took_its_descriptor)
{
    int ring = make_ring();
    struct fake_game game;
    int save = tree_open_nameless();
    struct stat st;

    EXPECT(fcntl(ring, F_GETFD) >= 0);
    EXPECT(fake_start(&game));
    present(&game, 10);
    for (int fd = 3; fd < 1024; fd++) {
        if (fd != save)
            (void)dup2(save, fd);
    }
    present(&game, 10000);
    fake_stop(&game);
    EXPECT(fstat(save, &st) == 0 && st.st_size == 0);
}
