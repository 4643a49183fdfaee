/* SPDX-License-Identifier: Apache-2.0
 *
 * Characters by class and script, as ranges of Unicode. What is in no range is plain. */
#include "ceremony/base/text.h"
#include "ceremony/pki/request_private.h"

struct range {
    uint32_t first;
    uint32_t last;
    unsigned class;
};

/* Ascending. */
static const struct range characters[] = {
    {0x0000,  0x001F,   CHARACTER_CONTROL   },
    {0x007F,  0x009F,   CHARACTER_CONTROL   },
    {0x00A0,  0x00A0,   CHARACTER_BLANK     },
    {0x00AD,  0x00AD,   CHARACTER_INVISIBLE },
    {0x02B0,  0x02B8,   CHARACTER_FORM      }, /* raised letters */
    {0x034F,  0x034F,   CHARACTER_INVISIBLE },
    {0x061C,  0x061C,   CHARACTER_BIDI      },
    {0x115F,  0x1160,   CHARACTER_INVISIBLE },
    {0x1680,  0x1680,   CHARACTER_BLANK     },
    {0x17B4,  0x17B5,   CHARACTER_INVISIBLE },
    {0x180B,  0x180F,   CHARACTER_INVISIBLE },
    {0x1D00,  0x1DBF,   CHARACTER_FORM      }, /* small capitals, phonetic */
    {0x2000,  0x200A,   CHARACTER_BLANK     },
    {0x200B,  0x200D,   CHARACTER_INVISIBLE },
    {0x200E,  0x200F,   CHARACTER_BIDI      },
    {0x2028,  0x2029,   CHARACTER_CONTROL   }, /* line and paragraph */
    {0x202A,  0x202E,   CHARACTER_BIDI      },
    {0x202F,  0x202F,   CHARACTER_BLANK     },
    {0x205F,  0x205F,   CHARACTER_BLANK     },
    {0x2060,  0x2065,   CHARACTER_INVISIBLE },
    {0x2066,  0x2069,   CHARACTER_BIDI      },
    {0x206A,  0x206F,   CHARACTER_INVISIBLE },
    {0x2070,  0x209C,   CHARACTER_FORM      }, /* raised and lowered */
    {0x2100,  0x2115,   CHARACTER_FORM      }, /* letterlike, but for the number sign */
    {0x2117,  0x2121,   CHARACTER_FORM      },
    {0x2123,  0x214F,   CHARACTER_FORM      }, /* and the trade mark */
    {0x2160,  0x2188,   CHARACTER_FORM      }, /* Roman numerals */
    {0x2460,  0x24FF,   CHARACTER_FORM      }, /* circled */
    {0x2800,  0x2800,   CHARACTER_INVISIBLE }, /* braille blank */
    {0x3000,  0x3000,   CHARACTER_BLANK     },
    {0x3164,  0x3164,   CHARACTER_INVISIBLE },
    {0x3200,  0x33FF,   CHARACTER_FORM      },
    {0xA770,  0xA770,   CHARACTER_FORM      },
    {0xE000,  0xF8FF,   CHARACTER_UNASSIGNED}, /* private */
    {0xFB00,  0xFB4F,   CHARACTER_FORM      }, /* ligatures */
    {0xFB50,  0xFDCF,   CHARACTER_FORM      },
    {0xFDD0,  0xFDEF,   CHARACTER_UNASSIGNED},
    {0xFE00,  0xFE0F,   CHARACTER_INVISIBLE }, /* variations */
    {0xFE70,  0xFEFC,   CHARACTER_FORM      },
    {0xFEFF,  0xFEFF,   CHARACTER_INVISIBLE },
    {0xFF01,  0xFF5E,   CHARACTER_FORM      }, /* wide */
    {0xFFA0,  0xFFA0,   CHARACTER_INVISIBLE },
    {0xFFE0,  0xFFE6,   CHARACTER_FORM      },
    {0xFFF0,  0xFFFD,   CHARACTER_INVISIBLE }, /* and the replacement character */
    {0x1BCA0, 0x1BCA3,  CHARACTER_INVISIBLE }, /* shorthand */
    {0x1D173, 0x1D17A,  CHARACTER_INVISIBLE },
    {0x1D400, 0x1D7FF,  CHARACTER_FORM      }, /* mathematical */
    {0x1F100, 0x1F1FF,  CHARACTER_FORM      },
    {0x40000, 0xDFFFF,  CHARACTER_UNASSIGNED},
    {0xE0000, 0xE0FFF,  CHARACTER_INVISIBLE }, /* tags */
    {0xE1000, 0x10FFFF, CHARACTER_UNASSIGNED},
};

enum script {
    SCRIPT_NONE,
    SCRIPT_LATIN,
    SCRIPT_GREEK,
    SCRIPT_CYRILLIC,
    SCRIPT_ARMENIAN,
    SCRIPT_CHEROKEE,
    SCRIPT_COPTIC,
    SCRIPT_LISU,
    SCRIPT_DESERET
};

static const struct range scripts[] = {
    {0x0041,  0x005A,  SCRIPT_LATIN   },
    {0x0061,  0x007A,  SCRIPT_LATIN   },
    {0x00C0,  0x00D6,  SCRIPT_LATIN   },
    {0x00D8,  0x00F6,  SCRIPT_LATIN   },
    {0x00F8,  0x02AF,  SCRIPT_LATIN   },
    {0x0370,  0x0373,  SCRIPT_GREEK   },
    {0x0376,  0x037D,  SCRIPT_GREEK   },
    {0x037F,  0x0386,  SCRIPT_GREEK   },
    {0x0388,  0x03E1,  SCRIPT_GREEK   },
    {0x03E2,  0x03EF,  SCRIPT_COPTIC  },
    {0x03F0,  0x03FF,  SCRIPT_GREEK   },
    {0x0400,  0x052F,  SCRIPT_CYRILLIC},
    {0x0531,  0x0588,  SCRIPT_ARMENIAN},
    {0x13A0,  0x13FF,  SCRIPT_CHEROKEE},
    {0x1C80,  0x1C8F,  SCRIPT_CYRILLIC},
    {0x1E00,  0x1EFF,  SCRIPT_LATIN   },
    {0x1F00,  0x1FFF,  SCRIPT_GREEK   },
    {0x2C60,  0x2C7F,  SCRIPT_LATIN   },
    {0x2C80,  0x2CFF,  SCRIPT_COPTIC  },
    {0x2DE0,  0x2DFF,  SCRIPT_CYRILLIC},
    {0xA4D0,  0xA4FF,  SCRIPT_LISU    },
    {0xA640,  0xA69F,  SCRIPT_CYRILLIC},
    {0xA722,  0xA7FF,  SCRIPT_LATIN   },
    {0xAB30,  0xAB6F,  SCRIPT_LATIN   },
    {0xAB70,  0xABBF,  SCRIPT_CHEROKEE},
    {0x10400, 0x1044F, SCRIPT_DESERET },
};

static const struct range marks[] = {
    {0x0300, 0x036F, 1},
    {0x0483, 0x0489, 1},
    {0x1AB0, 0x1AFF, 1},
    {0x1DC0, 0x1DFF, 1},
    {0x20D0, 0x20FF, 1},
    {0xFE20, 0xFE2F, 1},
};

/* The class of the range that holds `point`, or 0. */
static unsigned
look_up(const struct range *ranges, size_t count, uint32_t point)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (point > ranges[middle].last)
            low = middle + 1;
        else if (point < ranges[middle].first)
            high = middle;
        else
            return ranges[middle].class;
    }
    return 0;
}

#define LOOK_UP(table, point) look_up((table), sizeof(table) / sizeof(table)[0], (point))

enum request_character
request_character(uint32_t point)
{
    if (point >= 0x20 && point < 0x7F)
        return CHARACTER_PLAIN;
    if ((point & 0xFFFE) == 0xFFFE)
        return CHARACTER_UNASSIGNED;
    return (enum request_character)LOOK_UP(characters, point);
}

unsigned
request_script(uint32_t point)
{
    return LOOK_UP(scripts, point);
}

bool
request_is_mark(uint32_t point)
{
    return LOOK_UP(marks, point) != 0;
}

uint32_t
request_next_point(struct der *text)
{
    unsigned char lead = text->p[0];
    size_t len = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    uint32_t point = lead < 0x80 ? lead : lead & (0xFFU >> (len + 1));
    if (len > text->len)
        len = text->len;
    for (size_t i = 1; i < len; i++)
        point = point << 6 | (text->p[i] & 0x3FU);
    *text = der_view(text->p + len, text->len - len);
    return point;
}

enum request_code
request_character_code(uint32_t point)
{
    static const enum request_code codes[] = {
        [CHARACTER_PLAIN] = REQUEST_CODE_COUNT,
        [CHARACTER_CONTROL] = REQUEST_NAME_CONTROL,
        [CHARACTER_BIDI] = REQUEST_NAME_BIDI,
        [CHARACTER_INVISIBLE] = REQUEST_NAME_INVISIBLE,
        [CHARACTER_UNASSIGNED] = REQUEST_NAME_UNASSIGNED,
        [CHARACTER_BLANK] = REQUEST_NAME_BLANK,
        [CHARACTER_FORM] = REQUEST_NAME_FORM,
    };

    return codes[request_character(point)];
}

enum request_code
request_text_judge(const void *utf8, size_t len)
{
    if (len > 0 && !text_is_utf8(utf8, len))
        return REQUEST_SUBJECT_STRING;
    struct der text = der_view(utf8, len);
    while (text.len > 0) {
        enum request_code code = request_character_code(request_next_point(&text));
        if (code != REQUEST_CODE_COUNT)
            return code;
    }
    return REQUEST_CODE_COUNT;
}
