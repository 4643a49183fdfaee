/* SPDX-License-Identifier: Apache-2.0
 *
 * Ownership in declarations. `AUTO(p11_session) session = NULL;` is closed at the end of its scope;
 * `TAKE(session)` hands it over and leaves NULL. A type joins with DEFINE_AUTO beside its free
 * function, which must accept NULL. No goto, no other idiom. */
#pragma once

#include <stdlib.h>

#define DEFINE_AUTO(type, release)                                                             \
    static inline void type##_auto_(struct type **pointer)                                     \
    {                                                                                          \
        release(*pointer);                                                                     \
    }                                                                                          \
    struct type

#define AUTO(type) __attribute__((cleanup(type##_auto_))) struct type *

/* For what malloc made. */
static inline void
free_auto_(void *pointer)
{
    free(*(void **)pointer);
}

#define AUTO_FREE __attribute__((cleanup(free_auto_)))

#define TAKE(pointer)                                                                          \
    __extension__({                                                                            \
        __typeof__(pointer) taken_ = (pointer);                                                \
        (pointer) = NULL;                                                                      \
        taken_;                                                                                \
    })
