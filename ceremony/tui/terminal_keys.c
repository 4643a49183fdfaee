/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/tui/terminal_keys.h"

#include <stddef.h>

#include <curses.h>

#include "ceremony/tui/keys.h"

void
terminal_keys_define(void)
{
    static const struct {
        const char *sequence;
        int key;
    } table[] = {
        {"\033OP",   KEY_F(1) },
        {"\033OQ",   KEY_F(2) },
        {"\033OR",   KEY_F(3) },
        {"\033OS",   KEY_F(4) },
        {"\033[[A",  KEY_F(1) },
        {"\033[[B",  KEY_F(2) },
        {"\033[[C",  KEY_F(3) },
        {"\033[[D",  KEY_F(4) },
        {"\033[[E",  KEY_F(5) },
        {"\033[11~", KEY_F(1) },
        {"\033[12~", KEY_F(2) },
        {"\033[13~", KEY_F(3) },
        {"\033[14~", KEY_F(4) },
        {"\033[15~", KEY_F(5) },
        {"\033[17~", KEY_F(6) },
        {"\033[18~", KEY_F(7) },
        {"\033[19~", KEY_F(8) },
        {"\033[20~", KEY_F(9) },
        {"\033[21~", KEY_F(10)},
        {"\033[1~",  KEY_HOME },
        {"\033[4~",  KEY_END  },
        {"\033[H",   KEY_HOME },
        {"\033[F",   KEY_END  },
        {"\033OH",   KEY_HOME },
        {"\033OF",   KEY_END  },
        {"\033[3~",  KEY_DC   },
        {"\033[5~",  KEY_PPAGE},
        {"\033[6~",  KEY_NPAGE},
        {"\033[A",   KEY_UP   },
        {"\033[B",   KEY_DOWN },
        {"\033[C",   KEY_RIGHT},
        {"\033[D",   KEY_LEFT },
        {"\033OA",   KEY_UP   },
        {"\033OB",   KEY_DOWN },
        {"\033OC",   KEY_RIGHT},
        {"\033OD",   KEY_LEFT },
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        (void)define_key(table[i].sequence, table[i].key);
}

static int32_t
key_of_code(wint_t code)
{
    static const struct {
        wint_t code;
        int32_t key;
    } table[] = {
        {KEY_ENTER,     UI_ENTER    },
        {KEY_BACKSPACE, UI_BACKSPACE},
        {KEY_DC,        UI_DELETE   },
        {KEY_LEFT,      UI_LEFT     },
        {KEY_RIGHT,     UI_RIGHT    },
        {KEY_UP,        UI_UP       },
        {KEY_DOWN,      UI_DOWN     },
        {KEY_HOME,      UI_HOME     },
        {KEY_END,       UI_END      },
        {KEY_PPAGE,     UI_PAGE_UP  },
        {KEY_NPAGE,     UI_PAGE_DOWN},
        {KEY_RESIZE,    UI_RESIZE   },
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].code == code)
            return table[i].key;
    if (code >= KEY_F(1) && code <= KEY_F(10))
        return UI_F1 + (int32_t)(code - KEY_F(1));
    return UI_OTHER;
}

static int32_t
key_of_character(wint_t character)
{
    static const struct {
        wint_t character;
        int32_t key;
    } table[] = {
        {'\r', UI_ENTER    },
        {'\n', UI_ENTER    },
        {'\t', UI_TAB      },
        {0x1B, UI_ESCAPE   },
        {0x08, UI_BACKSPACE},
        {0x7F, UI_BACKSPACE},
        {0x15, UI_CTRL_U   },
        {0x18, UI_CTRL_X   },
        {0x16, UI_PAGE_DOWN},
        {0x02, UI_PAGE_UP  }, /* ^V ^B, where the pages have no key */
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].character == character)
            return table[i].key;
    return character >= 0x20 && character <= 0x10FFFF ? (int32_t)character : UI_OTHER;
}

/* What follows an Esc at once is a key that nobody here knows, not Esc and some letters: Esc alone may
 * be an answer. */
static int32_t
read_escape(void)
{
    wint_t pressed = 0;
    int kind = wget_wch(stdscr, &pressed);
    if (kind == ERR)
        return UI_ESCAPE;
    if (kind == KEY_CODE_YES || pressed == 0x1B) {
        /* A key of its own, pressed quickly after. */
        (void)(kind == KEY_CODE_YES ? ungetch((int)pressed) : unget_wch((wchar_t)pressed));
        return UI_ESCAPE;
    }
    bool sequence = pressed == L'[' || pressed == L'O';
    while (sequence && wget_wch(stdscr, &pressed) == OK)
        sequence = pressed < 0x40 || pressed > 0x7E;
    return UI_OTHER;
}

int32_t
terminal_key_read(void)
{
    wint_t pressed = 0;
    int kind = wget_wch(stdscr, &pressed);
    if (kind == ERR)
        return UI_TICK;
    if (kind == KEY_CODE_YES)
        return key_of_code(pressed);
    return pressed == 0x1B ? read_escape() : key_of_character(pressed);
}
