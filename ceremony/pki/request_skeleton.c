/* SPDX-License-Identifier: Apache-2.0
 *
 * What a text looks like, whatever its letters are (T16). Tables of letters that a reader takes for
 * Latin ones; forms of letters that Unicode lays out in rows are computed. */
#include <string.h>

#include "ceremony/pki/request_private.h"

/* The letter without its accent, U+00C0 to U+024F and U+1E00 to U+1EFF; '.' where there is none. */
static const char latin_base[] =
    "aaaaaa.ceeeeiiiidnooooo.ouuuuyp.aaaaaa.ceeeeiiiidnooooo.ouuuuypyaaaaaaccccccccdd"
    "ddeeeeeeeeeegggggggghhhhiiiiiiiiil..jjkkkllllllllllnnnnnn.nnoooooo..rrrrrrssssss"
    "ssttttttuuuuuuuuuuuuwwyyyzzzzzzfbb..bb.ccdd......ffg..likkl..nnooo..pp.....ttttu"
    "u..yyzz.........l............aaiioouuuuuuuuuu.aaaa..ggggkkoooo..j...gg..nnaa..oo"
    "aaaaeeeeiiiioooorrrruuuusstt..hhnd..zzaaeeooooooooyylntj...ccl.....b..eejj..rryy";
static const char latin_more_base[] =
    "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooo"
    "oooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwy.f...."
    "aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuu"
    "uuyyyyyyyy......";

struct look {
    uint32_t point;
    char latin[3];
};

/* Ascending. */
static const struct look looks[] = {
    {0x00C6, "ae"},
    {0x00D7, "x" },
    {0x00DF, "ss"},
    {0x00E6, "ae"},
    {0x0131, "l" },
    {0x0132, "lj"},
    {0x0133, "lj"},
    {0x0152, "oe"},
    {0x0153, "oe"},
    {0x0196, "l" },
    {0x0251, "a" },
    {0x0261, "g" },
    {0x0262, "g" },
    {0x0269, "l" },
    {0x026A, "l" },
    {0x0274, "n" },
    {0x0280, "r" },
    {0x028B, "v" },
    {0x028F, "y" },
    {0x0299, "b" },
    {0x029C, "h" },
    {0x029F, "l" },
 /* Greek */
    {0x037F, "j" },
    {0x0386, "a" },
    {0x0388, "e" },
    {0x0389, "h" },
    {0x038A, "l" },
    {0x038C, "o" },
    {0x038E, "y" },
    {0x0390, "l" },
    {0x0391, "a" },
    {0x0392, "b" },
    {0x0395, "e" },
    {0x0396, "z" },
    {0x0397, "h" },
    {0x0399, "l" },
    {0x039A, "k" },
    {0x039C, "m" },
    {0x039D, "n" },
    {0x039F, "o" },
    {0x03A1, "p" },
    {0x03A4, "t" },
    {0x03A5, "y" },
    {0x03A7, "x" },
    {0x03AA, "l" },
    {0x03AB, "y" },
    {0x03AC, "a" },
    {0x03AD, "e" },
    {0x03AE, "n" },
    {0x03AF, "l" },
    {0x03B1, "a" },
    {0x03B2, "b" },
    {0x03B3, "y" },
    {0x03B5, "e" },
    {0x03B7, "n" },
    {0x03B9, "l" },
    {0x03BA, "k" },
    {0x03BC, "u" },
    {0x03BD, "v" },
    {0x03BF, "o" },
    {0x03C1, "p" },
    {0x03C3, "o" },
    {0x03C4, "t" },
    {0x03C5, "u" },
    {0x03C7, "x" },
    {0x03C9, "w" },
    {0x03CA, "l" },
    {0x03CB, "u" },
    {0x03CC, "o" },
    {0x03CD, "u" },
    {0x03CE, "w" },
    {0x03DC, "f" },
    {0x03F1, "p" },
    {0x03F2, "c" },
    {0x03F3, "j" },
    {0x03F9, "c" },
    {0x03FA, "m" },
 /* Cyrillic */
    {0x0400, "e" },
    {0x0401, "e" },
    {0x0405, "s" },
    {0x0406, "l" },
    {0x0407, "l" },
    {0x0408, "j" },
    {0x040D, "n" },
    {0x0410, "a" },
    {0x0412, "b" },
    {0x0413, "r" },
    {0x0415, "e" },
    {0x0417, "3" },
    {0x0418, "n" },
    {0x0419, "n" },
    {0x041A, "k" },
    {0x041C, "m" },
    {0x041D, "h" },
    {0x041E, "o" },
    {0x041F, "n" },
    {0x0420, "p" },
    {0x0421, "c" },
    {0x0422, "t" },
    {0x0423, "y" },
    {0x0425, "x" },
    {0x042C, "b" },
    {0x0430, "a" },
    {0x0431, "6" },
    {0x0432, "b" },
    {0x0433, "r" },
    {0x0435, "e" },
    {0x0437, "3" },
    {0x0438, "n" },
    {0x0439, "n" },
    {0x043A, "k" },
    {0x043C, "m" },
    {0x043D, "h" },
    {0x043E, "o" },
    {0x043F, "n" },
    {0x0440, "p" },
    {0x0441, "c" },
    {0x0442, "t" },
    {0x0443, "y" },
    {0x0445, "x" },
    {0x044C, "b" },
    {0x0450, "e" },
    {0x0451, "e" },
    {0x0455, "s" },
    {0x0456, "l" },
    {0x0457, "l" },
    {0x0458, "j" },
    {0x045D, "n" },
    {0x045E, "y" },
    {0x0460, "w" },
    {0x0461, "w" },
    {0x0474, "v" },
    {0x0475, "v" },
    {0x04AE, "y" },
    {0x04AF, "y" },
    {0x04BB, "h" },
    {0x04C0, "l" },
    {0x04CF, "l" },
    {0x04D4, "ae"},
    {0x04D5, "ae"},
    {0x0500, "d" },
    {0x0501, "d" },
    {0x050C, "g" },
    {0x050D, "g" },
    {0x051A, "q" },
    {0x051B, "q" },
    {0x051C, "w" },
    {0x051D, "w" },
 /* Armenian */
    {0x054F, "s" },
    {0x0555, "o" },
    {0x0561, "w" },
    {0x0563, "q" },
    {0x0566, "q" },
    {0x0570, "h" },
    {0x0575, "j" },
    {0x0578, "n" },
    {0x057C, "n" },
    {0x057D, "u" },
    {0x0581, "g" },
    {0x0582, "l" },
    {0x0584, "f" },
    {0x0585, "o" },
 /* Cherokee */
    {0x13A0, "d" },
    {0x13A1, "r" },
    {0x13A2, "t" },
    {0x13A5, "l" },
    {0x13A9, "y" },
    {0x13AA, "a" },
    {0x13AB, "j" },
    {0x13AC, "e" },
    {0x13B3, "w" },
    {0x13B7, "m" },
    {0x13BB, "h" },
    {0x13C0, "g" },
    {0x13C3, "z" },
    {0x13CF, "b" },
    {0x13D2, "r" },
    {0x13D4, "w" },
    {0x13D5, "s" },
    {0x13D9, "v" },
    {0x13DA, "s" },
    {0x13DE, "l" },
    {0x13DF, "c" },
    {0x13E2, "p" },
    {0x13E6, "k" },
    {0x13F4, "b" },
 /* small capitals */
    {0x1D00, "a" },
    {0x1D04, "c" },
    {0x1D05, "d" },
    {0x1D07, "e" },
    {0x1D0A, "j" },
    {0x1D0B, "k" },
    {0x1D0D, "m" },
    {0x1D0F, "o" },
    {0x1D11, "o" },
    {0x1D18, "p" },
    {0x1D1B, "t" },
    {0x1D1C, "u" },
    {0x1D20, "v" },
    {0x1D21, "w" },
    {0x1D22, "z" },
    {0x1D26, "r" },
    {0x1D28, "n" },
 /* signs */
    {0x2010, "-" },
    {0x2011, "-" },
    {0x2012, "-" },
    {0x2013, "-" },
    {0x2014, "-" },
    {0x2015, "-" },
    {0x2018, "'" },
    {0x2019, "'" },
    {0x201A, "," },
    {0x201C, "\""},
    {0x201D, "\""},
    {0x2024, "." },
    {0x2044, "/" },
 /* letterlike */
    {0x2102, "c" },
    {0x210A, "g" },
    {0x210B, "h" },
    {0x210C, "h" },
    {0x210D, "h" },
    {0x210E, "h" },
    {0x2110, "l" },
    {0x2111, "l" },
    {0x2112, "l" },
    {0x2113, "l" },
    {0x2115, "n" },
    {0x2119, "p" },
    {0x211A, "q" },
    {0x211B, "r" },
    {0x211C, "r" },
    {0x211D, "r" },
    {0x2124, "z" },
    {0x2128, "z" },
    {0x212A, "k" },
    {0x212B, "a" },
    {0x212C, "b" },
    {0x212D, "c" },
    {0x212E, "e" },
    {0x212F, "e" },
    {0x2130, "e" },
    {0x2131, "f" },
    {0x2133, "m" },
    {0x2134, "o" },
    {0x2139, "l" },
    {0x2160, "l" },
    {0x2164, "v" },
    {0x2169, "x" },
    {0x216C, "l" },
    {0x216D, "c" },
    {0x216E, "d" },
    {0x216F, "m" },
    {0x2170, "l" },
    {0x2174, "v" },
    {0x2179, "x" },
    {0x217C, "l" },
    {0x217D, "c" },
    {0x217E, "d" },
    {0x217F, "m" },
    {0x2212, "-" },
    {0x2215, "/" },
    {0x2223, "l" },
    {0x2C9F, "o" },
    {0x2CA3, "p" },
    {0x2CA5, "c" },
    {0xA4D0, "b" },
    {0xA4D3, "d" },
    {0xA4F3, "o" },
    {0xA731, "s" },
    {0xFB00, "ff"},
    {0xFB01, "fl"},
    {0xFB02, "fl"},
};

static const char *
find_look(uint32_t point)
{
    size_t low = 0;
    size_t high = sizeof looks / sizeof looks[0];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (looks[middle].point == point)
            return looks[middle].latin;
        if (looks[middle].point < point)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* Rows of letters in a special form: where they begin, how many, what the first is. */
static uint32_t
plain_form(uint32_t point)
{
    if (point >= 0xFF01 && point <= 0xFF5E)
        return point - 0xFF01 + '!';
    if (point >= 0x1D400 && point <= 0x1D6A3)
        return (point - 0x1D400) % 26 + 'a';
    if (point >= 0x1D7CE && point <= 0x1D7FF)
        return (point - 0x1D7CE) % 10 + '0';
    if (point >= 0x24B6 && point <= 0x24E9)
        return (point - 0x24B6) % 26 + 'a';
    if (point >= 0x1F130 && point <= 0x1F149)
        return point - 0x1F130 + 'a';
    return point;
}

/* What ASCII characters are taken for. */
static char
fold_ascii(uint32_t point)
{
    if (point >= 'A' && point <= 'Z')
        point += 'a' - 'A';
    if (point == 'i' || point == '1' || point == '|')
        return 'l';
    if (point == '0')
        return 'o';
    return (char)point;
}

static char
base_letter(uint32_t point)
{
    char letter = '.';
    if (point >= 0xC0 && point < 0x250)
        letter = latin_base[point - 0xC0];
    else if (point >= 0x1E00 && point < 0x1F00)
        letter = latin_more_base[point - 0x1E00];
    return letter;
}

static struct error *
append_point(struct bytes *out, uint32_t point)
{
    point = plain_form(point);
    if (point < 0x80)
        return bytes_append_char(out, fold_ascii(point));
    const char *look = find_look(point);
    if (look != NULL)
        return bytes_append_text(out, look);
    char base = base_letter(point);
    if (base != '.')
        return bytes_append_char(out, fold_ascii((unsigned char)base));
    return bytes_format(out, "<%X>", (unsigned)point);
}

/* "rn" is read as m, "vv" as w; in place, from `start`. */
static void
join_pairs(struct bytes *out, size_t start)
{
    static const char pairs[][3] = {"rnm", "vvw"};
    size_t to = start;
    for (size_t from = start; from < out->len; from++) {
        unsigned char c = out->data[from];
        for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
            if (from + 1 < out->len && c == (unsigned char)pairs[i][0]
                && out->data[from + 1] == (unsigned char)pairs[i][1]) {
                c = (unsigned char)pairs[i][2];
                from++;
                break;
            }
        out->data[to++] = c;
    }
    out->len = to;
}

struct error *
request_skeleton(const void *utf8, size_t len, struct bytes *out)
{
    struct der text = der_view(utf8, len);
    size_t start = out->len;
    bool blank = false;
    while (text.len > 0) {
        uint32_t point = request_next_point(&text);
        enum request_character character = request_character(point);
        if (point == ' ' || character == CHARACTER_BLANK || character == CHARACTER_CONTROL) {
            blank = out->len > start;
            continue;
        }
        if (character == CHARACTER_INVISIBLE || character == CHARACTER_BIDI
            || request_is_mark(point))
            continue;
        if (blank)
            TRY(bytes_append_char(out, ' '));
        blank = false;
        TRY(append_point(out, point));
    }
    join_pairs(out, start);
    return NULL;
}

static bool
is_numbering(enum oid id)
{
    return id == OID_SERIAL_NUMBER || id == OID_DN_QUALIFIER || id == OID_UID;
}

struct error *
request_name_skeleton(struct der name, struct bytes *out)
{
    struct der_item outer;
    if (der_only(name, DER_SEQUENCE, &outer) != NULL)
        return NULL;
    struct name_iterator names = {.rdns = outer.body};
    struct name_attribute part;
    bool more = false;
    while (name_next(&names, &part, &more) == NULL && more) {
        if (is_numbering(part.id))
            continue;
        TRY(oid_append_name(out, part.oid));
        TRY(bytes_append_char(out, '='));
        TRY(request_skeleton(part.value.body.p, part.value.body.len, out));
        TRY(bytes_append_char(out, '\n'));
    }
    return NULL;
}
