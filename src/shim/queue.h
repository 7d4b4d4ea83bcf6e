/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * shim/queue.h -- queue(3): libbsd's lists.
 */
#ifndef SHIM_QUEUE_H
#define SHIM_QUEUE_H

#include <bsd/sys/queue.h>

#endif /* SHIM_QUEUE_H */
