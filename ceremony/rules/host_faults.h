/* SPDX-License-Identifier: Apache-2.0
 *
 * What a ceremony's computer must not be like: "expected" of the exception that notes each. Engine and audit
 * share the words. (R10, R91) */
#pragma once

#define HOST_NO_NETWORK   "no network card is up"
#define HOST_CARDS_READ   "network cards can be counted"
#define HOST_NO_SWAP      "no swap space is in use"
#define HOST_NO_DEBUGGER  "no debugger watches"
#define HOST_NO_CORES     "core files are off"
#define HOST_LOCKED_PAGES "memory for secrets is locked"
