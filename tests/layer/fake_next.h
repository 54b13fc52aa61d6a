/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* fake_next.h - plays the Vulkan loader above the layer and the driver below it.
 *
 * The layer under test is the built library, named by the variable NVB_LAYER. The driver side
 * makes handles with a dispatch word as the loader would, notes what reaches it and answers
 * what it is told to. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <vulkan/vk_layer.h>

/* What a dispatchable handle points to. */
struct fake_object {
    const void *dispatch;
};

/* What the driver side saw, and what it shall answer. */
struct fake_driver {
    atomic_uint n_presents;
    _Atomic(VkQueue) last_queue;
    _Atomic(const VkPresentInfoKHR *) last_info;
    unsigned n_live_instances;
    unsigned n_live_devices;
    VkResult present_result;
    VkResult create_result; /* of instances and devices */
    bool has_swapchain;
};

extern struct fake_driver fake_driver;

/* An instance and a device made through the layer, and the device's functions as a program
 * would get them. */
struct fake_game {
    VkInstance instance;
    VkPhysicalDevice physical;
    VkDevice device;
    VkQueue queue;
    PFN_vkGetInstanceProcAddr get_instance_proc;
    PFN_vkGetDeviceProcAddr get_device_proc;
    PFN_vkCreateSwapchainKHR create_swapchain;
    PFN_vkQueuePresentKHR present;

    /* what the handles point to; owned by the game */
    struct fake_object objects[4];
    int instance_table;
    int device_table;
};

/* Load the layer and negotiate; false with a word on stderr when that fails. */
bool fake_load(VkNegotiateLayerInterface *out_interface);
PFN_vkNegotiateLoaderLayerInterfaceVersion fake_get_negotiate(void); /* NULL before load */

VkResult fake_create_instance(const VkNegotiateLayerInterface *layer, struct fake_game *game);
VkResult fake_create_device(const VkNegotiateLayerInterface *layer, struct fake_game *game);

/* Both, with a swapchain-capable device; false when either fails. */
bool fake_start(struct fake_game *game);
VkResult fake_make_swapchain(const struct fake_game *game, uint32_t width, uint32_t height);
void fake_stop(struct fake_game *game);

/* The driver's own present, as a program would call it without the layer. */
VKAPI_ATTR VkResult VKAPI_CALL fake_present(VkQueue queue, const VkPresentInfoKHR *info);

/* A function of the driver that the layer does not know. */
VKAPI_ATTR VkResult VKAPI_CALL fake_device_wait_idle(VkDevice device);
