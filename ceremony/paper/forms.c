/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/paper/forms.h"

#include "ceremony/paper/wrap.h"

#define KEY_SHARE_WORDS 33U
#define PIN_SHARE_WORDS 20U
#define SHARE_COLUMNS   3U

/* Numbered down the columns; the last column may be shorter. */
static struct error *
share_lines(unsigned words, struct bytes *text)
{
    unsigned rows = (words + SHARE_COLUMNS - 1) / SHARE_COLUMNS;
    for (unsigned row = 0; row < rows; row++) {
        for (unsigned column = 0; column < SHARE_COLUMNS; column++)
            if (column * rows + row < words)
                TRY(bytes_format(text, "  %2u ____________________", column * rows + row + 1));
        TRY(bytes_append_text(text, "\n\n"));
    }
    return NULL;
}

/* "key root", "the user PIN of token ca" */
static struct error *
share_of(const struct script_shares *shares, struct bytes *text)
{
    if (shares->token[0] == '\0')
        return bytes_format(text, "key %.40s", shares->of);
    return bytes_format(text, "the %s PIN of token %.20s",
                        shares->pin[0] == 's' ? "SO" : "user", shares->token);
}

struct error *
forms_share(const struct script *script, const struct script_shares *shares, struct bytes *text)
{
    TRY(bytes_format(text,
                     "\fSHARE FORM                                       %.30s\n\n"
                     "Share set %.40s, of ",
                     script->title, shares->id));
    TRY(share_of(shares, text));
    TRY(bytes_append_text(text,
                          "\nCeremony ______________________________   Date ______________\n"
                          "Holder   ______________________________   Bag  ______________\n"));
    if (shares->token[0] != '\0')
        TRY(bytes_append_text(text, "Number of the set ________\n"));
    TRY(bytes_append_text(
        text, "\nWrite in capital or clear letters. Only the holder reads this form.\n\n"));
    TRY(share_lines(shares->token[0] != '\0' ? PIN_SHARE_WORDS : KEY_SHARE_WORDS, text));
    TRY(paper_wrap(text, "", "",
                   "Typed back from this form in the room: yes [ ]. Keep it sealed in the bag. "
                   "Never photograph it, type it elsewhere or read it aloud. A seal that is "
                   "broken is reported at once."));
    return bytes_append_text(text,
                             "\nSignature of the holder ______________________________\n");
}

struct error *
forms_recovery_card(const struct script *script, struct bytes *text)
{
    TRY(bytes_format(text, "\fRECOVERY CARD                                    %.30s\n\n",
                     script->title));
    TRY(bytes_append_text(
        text, "Key label        ____________________________________________\n"
              "Share set number ______________\n"
              "Check value      ____ ____ ____ ____   (16 hexadecimal digits)\n"
              "Public key hash  see the file beside the wrapped key: *.kwp.json\n\n"));
    TRY(paper_wrap(
        text, "", "",
        "To recover the key without a token: bring enough shares, the file *.kwp and an "
        "offline computer with the program slip39 (or any other SLIP-39 program and "
        "openssl)."));
    TRY(bytes_append_text(
        text,
        "\n  slip39 recover --blob FILE.kwp --kcv CHECKVALUE --spki HASH --output key.p8\n\n"
        "With stock tools, as a last resort (the key shows in the list of processes):\n\n"
        "  openssl enc -d -id-aes256-wrap-pad -K KEK -iv A65959A6 -in FILE.kwp -out key.p8\n"
        "  openssl pkey -inform DER -in key.p8 -pubout -outform DER | sha256sum\n\n"));
    return paper_wrap(
        text, "", "",
        "KEK is what the shares give: 64 hexadecimal digits. The hash must equal the "
        "one recorded. A key recovered in software is no longer protected: plan its "
        "successor at once.");
}

struct error *
forms_sign_off(const struct script *script, struct bytes *text)
{
    TRY(bytes_format(text, "\fSIGN-OFF IN INK                                  %.30s\n\n",
                     script->title));
    TRY(paper_wrap(text, "", "", script->sign_off));
    TRY(bytes_append_text(text,
                          "\nSHA-256 of SHA256SUMS ______________________________________\n"
                          "Head of the chain, 32 words, on the back.\n\n"));
    for (int i = 0; i < 8; i++)
        TRY(bytes_append_text(text,
                              "Name _____________________  agree [ ]  do not agree [ ]\n"
                              "Reason ___________________________________________________\n"
                              "Signature _______________________________________________\n\n"));
    return NULL;
}
