/* SPDX-License-Identifier: Apache-2.0 */
#include "p11/uri.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"
#include "p11/ck.h"

#define SCHEME "pkcs11:"

/* RFC 7512 section 2.3, path attributes. */
static const char *const path_names[] = {
    "token",
    "manufacturer",
    "serial",
    "model",
    "library-manufacturer",
    "library-description",
    "library-version",
    "object",
    "type",
    "id",
    "slot-description",
    "slot-manufacturer",
    "slot-id",
};
#define PATH_NAMES (sizeof path_names / sizeof path_names[0])

static int
path_name_index(const char *name)
{
    for (size_t i = 0; i < PATH_NAMES; i++)
        if (strcmp(path_names[i], name) == 0)
            return (int)i;
    return -1;
}

static struct error *
unknown_attribute(const char *name)
{
    AUTO_FREE char *safe = NULL;
    TRY(text_safe(name, strlen(name), &safe));
    const char *near = text_nearest(name, path_names, PATH_NAMES);
    struct error *error =
        ERROR(ERROR_INPUT, "the token's URI has an attribute \"%s\" that nobody knows", safe);
    return near != NULL ? error_hint(error, "Did you mean \"%s\"?", near) : error;
}

/* p11-kit says neither where a fault is nor which value it did not understand: ask one at a time. */
static struct error *
check_value(const char *name, const char *attribute)
{
    AUTO_FREE char *alone = NULL;
    TRY(text_format(&alone, SCHEME "%s", attribute));
    P11KitUri *parsed = p11_kit_uri_new();
    if (parsed == NULL)
        return error_memory();
    int result = p11_kit_uri_parse(alone, P11_KIT_URI_FOR_ANY, parsed);
    bool unrecognized = result == P11_KIT_URI_OK && p11_kit_uri_any_unrecognized(parsed) != 0;
    p11_kit_uri_free(parsed);
    if (result == P11_KIT_URI_BAD_ENCODING)
        return ERROR(ERROR_INPUT,
                     "the token's URI has a \"%%\" in \"%s\" that two hexadecimal "
                     "digits do not follow",
                     name);
    if (result != P11_KIT_URI_OK)
        return ERROR(ERROR_INPUT, "the value of \"%s\" in the token's URI is malformed", name);
    if (unrecognized)
        return ERROR(
            ERROR_INPUT,
            "the value of \"%s\" in the token's URI can match nothing: it is too long, "
            "or a word that does not exist",
            name);
    return NULL;
}

static struct error *
check_attribute(char *attribute, bool seen[PATH_NAMES])
{
    char *equals = strchr(attribute, '=');
    if (equals == NULL)
        return ERROR(ERROR_INPUT, "the token's URI has a part without \"=\"");
    if (equals[1] == '\0') {
        *equals = '\0';
        return ERROR(ERROR_INPUT, "the token's URI gives no value for \"%s\"", attribute);
    }
    *equals = '\0';
    int index = path_name_index(attribute);
    if (index < 0)
        return unknown_attribute(attribute);
    if (seen[index])
        return ERROR(ERROR_INPUT, "the token's URI names \"%s\" twice", attribute);
    seen[index] = true;
    *equals = '=';
    return check_value(path_names[index], attribute);
}

static struct error *
check_path(char *path, bool seen[PATH_NAMES])
{
    for (char *rest = path; rest != NULL;) {
        char *attribute = strsep(&rest, ";");
        if (attribute[0] == '\0')
            return ERROR(ERROR_INPUT,
                         "the token's URI has an empty part: nothing stands between "
                         "two \";\", or before or after one");
        TRY(check_attribute(attribute, seen));
    }
    return NULL;
}

struct error *
p11_uri_check(const char *uri)
{
    if (strncmp(uri, SCHEME, sizeof SCHEME - 1) != 0)
        return ERROR(ERROR_INPUT, "a token's URI begins with \"" SCHEME "\"");
    AUTO_FREE char *path = NULL;
    TRY(text_copy(uri + sizeof SCHEME - 1, &path));
    char *query = strchr(path, '?');
    if (query != NULL) {
        *query++ = '\0';
        if (strstr(query, "pin-value") != NULL || strstr(query, "pin-source") != NULL)
            return error_hint(
                ERROR(ERROR_INPUT, "the token's URI carries \"pin-value\" or "
                                   "\"pin-source\", but a PIN is typed at the table "
                                   "and stands in no file"),
                "Remove everything after \"?\". If a real PIN stood there, change "
                "it.");
        return ERROR(ERROR_INPUT,
                     "the token's URI has attributes after \"?\", which are not used "
                     "here: the module is named in the site's environment.yaml");
    }
    bool seen[PATH_NAMES] = {false};
    if (path[0] != '\0')
        TRY(check_path(path, seen));
    if (!seen[path_name_index("token")] && !seen[path_name_index("serial")])
        return ERROR(ERROR_INPUT, "the token's URI names neither \"token\" nor \"serial\": it "
                                  "could match any token");
    return NULL;
}

struct error *
p11_uri_parse(const char *uri, P11KitUri **ret_uri)
{
    TRY(p11_uri_check(uri));
    P11KitUri *parsed = p11_kit_uri_new();
    if (parsed == NULL)
        return error_memory();
    int result = p11_kit_uri_parse(uri, P11_KIT_URI_FOR_ANY, parsed);
    if (result != P11_KIT_URI_OK || p11_kit_uri_any_unrecognized(parsed) != 0) {
        p11_kit_uri_free(parsed);
        return error_detail(ERROR(ERROR_INPUT, "the token's URI cannot be understood"), "%s",
                            p11_kit_uri_message(result));
    }
    *ret_uri = parsed;
    return NULL;
}

/* Texts made safe to show carry escapes that the token does not: such a text cannot name it. */
static void
fill(unsigned char *field, size_t size, const char *text)
{
    size_t len = strlen(text);
    bool escaped = strstr(text, "\\x") != NULL || strstr(text, "\\u") != NULL;
    if (len == 0 || len > size || escaped)
        return;                       /* all zeros: p11-kit leaves it out */
    for (size_t i = 0; i < size; i++) /* padded with blanks, without a NUL */
        field[i] = i < len ? (unsigned char)text[i] : ' ';
}

struct error *
p11_token_uri(const struct p11_token_info *token, char **ret_uri)
{
    P11KitUri *uri = p11_kit_uri_new();
    if (uri == NULL)
        return error_memory();
    CK_TOKEN_INFO *info = p11_kit_uri_get_token_info(uri);
    fill(info->label, sizeof info->label, token->label);
    fill(info->manufacturerID, sizeof info->manufacturerID, token->manufacturer);
    fill(info->model, sizeof info->model, token->model);
    fill(info->serialNumber, sizeof info->serialNumber, token->serial);
    bool named = info->label[0] != '\0' || info->serialNumber[0] != '\0';
    char *text = NULL;
    int result = named ? p11_kit_uri_format(uri, P11_KIT_URI_FOR_TOKEN, &text) : P11_KIT_URI_OK;
    p11_kit_uri_free(uri);
    if (!named)
        return ERROR(ERROR_REFUSED,
                     "the token has neither a label nor a serial number that a URI "
                     "could name it by");
    if (result != P11_KIT_URI_OK)
        return error_memory();
    *ret_uri = text;
    return NULL;
}
