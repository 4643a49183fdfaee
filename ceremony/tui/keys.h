/* SPDX-License-Identifier: Apache-2.0
 *
 * What a person can press, apart from how a terminal spells it. A key is a Unicode character (32 and
 * above) or one of these. */
#pragma once

#include <stdint.h>

enum ui_key {
    UI_TICK = -100, /* nothing was pressed for a while, or the engine has news */
    UI_RESIZE,      /* the terminal has another size */
    UI_ABORT,       /* a signal to end, or the terminal is gone */
    UI_ENTER,
    UI_ESCAPE,
    UI_TAB,
    UI_BACKSPACE,
    UI_DELETE,
    UI_LEFT,
    UI_RIGHT,
    UI_UP,
    UI_DOWN,
    UI_HOME,
    UI_END,
    UI_PAGE_UP,
    UI_PAGE_DOWN,
    UI_CTRL_U, /* what was typed is thrown away */
    UI_CTRL_X, /* the menu, for consoles without function keys */
    UI_F1,
    UI_F2,
    UI_F3,
    UI_F4,
    UI_F5,
    UI_F6,
    UI_F7,
    UI_F8,
    UI_F9,
    UI_F10,
    UI_OTHER, /* a key without a meaning here */
};
