/* SPDX-License-Identifier: Apache-2.0
 *
 * PEM (RFC 7468), read strictly: one block, no headers, nothing that could steer a terminal around
 * it. */
#include <stdio.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"
#include "ceremony/pki/build.h"
#include "ceremony/pki/x509.h"

#define LINE_LETTERS 64
#define PREAMBLE_MAX 65536
#define BEGIN        "-----BEGIN "
#define END          "-----END "
#define DASHES       "-----"

struct error *
pki_pem(const char *label, const void *der, size_t len, struct bytes *ret_pem)
{
    AUTO_FREE char *letters = NULL;
    TRY(base64_encode_new(der, len, &letters));
    bytes_clear(ret_pem);
    TRY(bytes_format(ret_pem, BEGIN "%s" DASHES "\n", label));
    for (size_t at = 0; letters[at] != '\0';) {
        size_t line = strnlen(letters + at, LINE_LETTERS);
        TRY(bytes_format(ret_pem, "%.*s\n", (int)line, letters + at));
        at += line;
    }
    return bytes_format(ret_pem, END "%s" DASHES "\n", label);
}

static struct error *
label_of_der(struct der der, char ret_label[32])
{
    struct x509 x509;
    const char *fault = x509_parse(der.p, der.len, &x509);
    if (fault != NULL)
        return error_hint(ERROR(ERROR_INPUT,
                                "the file is neither PEM nor a certificate, CRL or request in "
                                "DER: %s",
                                fault),
                          "Bring the file again, from its source");
    snprintf(ret_label, 32, "%s",
             x509.kind == KIND_CRL       ? "X509 CRL"
             : x509.kind == KIND_REQUEST ? "CERTIFICATE REQUEST"
                                         : "CERTIFICATE");
    return NULL;
}

/* Text around the block may explain; it may not hold controls or a second block. */
static struct error *
check_around(struct der text)
{
    if (text.len > PREAMBLE_MAX)
        return ERROR(ERROR_INPUT, "too much text stands around the PEM block");
    if (text.len > 0 && !text_is_utf8(text.p, text.len))
        return ERROR(ERROR_INPUT, "the text around the PEM block is not UTF-8");
    for (size_t i = 0; i < text.len; i++)
        if ((text.p[i] < 0x20 && strchr("\t\r\n", text.p[i]) == NULL) || text.p[i] == 0
            || text.p[i] == 0x7f)
            return ERROR(ERROR_INPUT, "a control character stands around the PEM block");
    if (text.len > 0 && memmem(text.p, text.len, BEGIN, strlen(BEGIN)) != NULL)
        return ERROR(ERROR_INPUT, "the file holds more than one PEM block");
    return NULL;
}

/* Letters with line ends taken out; anything else that is not base64 the decoder refuses. */
static struct error *
decode_body(struct der body, struct bytes *ret_der)
{
    AUTO_BYTES letters = {0};
    for (size_t i = 0; i < body.len; i++)
        if (body.p[i] == '\0')
            return ERROR(ERROR_INPUT, "a zero octet stands in the PEM block");
        else if (body.p[i] != '\n' && body.p[i] != '\r')
            TRY(bytes_append_char(&letters, (char)body.p[i]));
    bytes_clear(ret_der);
    TRY_DOING(base64_decode_append(bytes_text(&letters), ret_der), "reading the PEM block");
    return NULL;
}

static struct error *
check_label(char label[32])
{
    static const char *const known[] = {"CERTIFICATE", "X509 CRL", "CERTIFICATE REQUEST"};
    if (strcmp(label, "NEW CERTIFICATE REQUEST") == 0)
        memmove(label, label + strlen("NEW "), strlen(label) - strlen("NEW ") + 1);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(label, known[i]) == 0)
            return NULL;
    return ERROR(ERROR_INPUT, "the PEM block is labelled \"%s\", which is not read here",
                 label);
}

/* `found` is where BEGIN stands. */
static struct error *
read_pem(struct der file, const unsigned char *found, struct bytes *ret_der, char ret_label[32])
{
    const unsigned char *end = file.p + file.len;
    const unsigned char *label = found + strlen(BEGIN);
    size_t left = (size_t)(end - label);
    const unsigned char *dashes = memmem(label, left < 40 ? left : 40, DASHES, strlen(DASHES));
    if (dashes == NULL || dashes == label || dashes - label > 31)
        return ERROR(ERROR_INPUT, "the first line of the PEM block is damaged");
    for (const unsigned char *p = label; p < dashes; p++)
        if ((*p < 'A' || *p > 'Z') && (*p < '0' || *p > '9') && *p != ' ')
            return ERROR(ERROR_INPUT, "the label of the PEM block is damaged");
    char name[32];
    snprintf(name, sizeof name, "%.*s", (int)(dashes - label), (const char *)label);
    char closing[64];
    snprintf(closing, sizeof closing, END "%s" DASHES, name);
    const unsigned char *body = dashes + strlen(DASHES);
    const unsigned char *last = memmem(body, (size_t)(end - body), closing, strlen(closing));
    if (last == NULL)
        return ERROR(ERROR_INPUT, "the PEM block does not end with the label it began with");
    const unsigned char *after = last + strlen(closing);
    TRY(check_around(der_view(file.p, (size_t)(found - file.p))));
    TRY(check_around(der_view(after, (size_t)(end - after))));
    TRY(check_label(name));
    TRY(decode_body(der_view(body, (size_t)(last - body)), ret_der));
    memcpy(ret_label, name, sizeof name);
    return NULL;
}

struct error *
pki_from_file(const void *data, size_t len, struct bytes *ret_der, char ret_label[32])
{
    struct der file = der_view(data, len);
    if (len == 0)
        return ERROR(ERROR_INPUT, "the file is empty");
    const unsigned char *found = memmem(file.p, file.len, BEGIN, strlen(BEGIN));
    if (file.p[0] == DER_SEQUENCE || found == NULL) {
        TRY(label_of_der(file, ret_label));
        return bytes_copy(ret_der, data, len);
    }
    char named[32];
    char structure[32];
    TRY(read_pem(file, found, ret_der, named));
    TRY(label_of_der(der_view(ret_der->data, ret_der->len), structure));
    if (strcmp(named, structure) != 0)
        return ERROR(ERROR_INPUT, "the PEM block is labelled \"%s\" but holds a %s", named,
                     structure);
    memcpy(ret_label, named, sizeof named);
    return NULL;
}
