/* SPDX-License-Identifier: Apache-2.0
 *
 * A clock that a script can hardly be read under: what is noted then ("expected" of the exception), and by how many it is
 * confirmed before the ceremony goes on. (T19, R91) */
#pragma once

#define CLOCK_DOUBT_EARLY "the clock is after the script"
#define CLOCK_DOUBT_YEARS 20
#define CLOCK_DOUBT_LATE  "the script is younger than 20 years"
#define CLOCK_CONFIRMERS  2U
