/* SPDX-License-Identifier: Apache-2.0
 *
 * The words by which engine and audit know the exception of a copy that is left when a key is destroyed: its
 * "expected". (R87) */
#pragma once

#define KEY_IS_GONE "every copy of the key is destroyed"
