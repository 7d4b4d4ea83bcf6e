/* SPDX-License-Identifier: BSD-2-Clause
 *
 * For t_memmap_fdt.c: a tree, its regions, how many nodes are to be placed.
 */
{ "disabled", "0-fffffff RAM", 0 },
{ "board",
    "0-7ffff reserved, 80000-2eff65ff RAM, 2eff6600-2efffeff RAM u, "
    "2effff00-3b3fffff RAM, 40000000-fbffffff RAM, "
    "100000000-103ffffff RAM",
    1 },
{ "numa",
    "80000000-ffefffff RAM 0, 2000000000-23ffffffff RAM 1, "
    "2800000000-29ffffffff RAM 1, 4000000000-407fffffff RAM h 1",
    0 },
{ "crash", "b0000000-bfffffff RAM, 800000000-83fffffff RAM", 0 },
{ "old", "0-7ffffff RAM, 10000000-13ffffff RAM", 0 },
