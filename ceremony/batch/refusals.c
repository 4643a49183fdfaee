/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/batch/refusals.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/file.h"
#include "ceremony/batch/check_codes.h"
#include "ceremony/batch/stream.h"

/* Codes that only the signing line gives (line_decide.c, line_item.c). */
static const struct {
    const char *code;
    const char *sentence;
} of_the_line[] = {
    {"request-twice", "The same request stands in the batch already."                  },
    {"key-twice",     "The same key stands in the batch already."                      },
    {"device-twice",  "The same device stands in the batch already."                   },
    {"key-known",     "The key has a certificate already, or was announced for one."   },
    {"device-known",  "The device has a certificate already, or was announced for one."},
};

#define NEW_KEY                                                                                \
    "Make a new key with a program that is up to date, destroy the old one, and send a new "   \
    "request."
#define NEW_NAME    "Put the name right, and send a new request."
#define NEW_REQUEST "Make the request anew with another program or other options, and send it."
#define NEW_FILE    "Write the file or line anew, and send it again."
#define HAS_ONE                                                                                \
    "Use the certificate that was issued. If it is lost or wrong, ask the CA to revoke it or " \
    "to declare the re-issue; the re-issue, too, if there is none, since the ceremony that "   \
    "announced it was aborted."

/* By the beginning of a code, the first that fits: a finer one stands before a coarser one. */
static const struct {
    const char *begin;
    const char *advice;
} advices[] = {
    {"request-size",         "Send a smaller request: fewer names, no attributes beyond need."                               },
    {"request-twice",        "Send each request once."                                                                       },
    {"request-",             NEW_REQUEST                                                                                     },
    {"challenge-",           "Send a new request with another challenge password, or without one."                           },
    {"signature-",           "Sign the request with SHA-256 or better, in the way that fits the key."                        },
    {"possession",
     "Sign the request with the private key that belongs to it, and send it again."                                          },
    {"key-is-ca",            NEW_KEY                                                                                         },
    {"key-shared",
     "Make a key of its own for each device or name; keys that two hold are of no use."                                      },
    {"key-twice",
     "Make a key of its own for each device or name; keys that two hold are of no use."                                      },
    {"key-known",            HAS_ONE                                                                                         },
    {"key-listed",           NEW_KEY                                                                                         },
    {"key-not-allowed",
     "Make a key of a kind that this certificate is issued for, and send a new request."                                     },
    {"key-kind",
     "Make a key of a kind that this certificate is issued for, and send a new request."                                     },
    {"key-",
     "Make the request anew with the key in its usual encoding: a named curve and an uncompressed point."                    },
    {"rsa-shared-prime",
     "Make a new key on another device: two keys of yours have a prime in common, so the generator that made them is broken."},
    {"rsa-",                 NEW_KEY                                                                                         },
    {"subject-not-allowed",
     "Leave out what this certificate does not name, and send a new request."                                                },
    {"subject-",             NEW_NAME                                                                                        },
    {"name-",                NEW_NAME                                                                                        },
    {"extension-",
     "Leave out extensions that you need not ask for: the CA's profile sets them. Send a new request."                       },
    {"alt-name-not-allowed",
     "Leave out the kinds of names that this certificate does not take, and send a new request."                             },
    {"alt-name",             NEW_NAME                                                                                        },
    {"file-",                NEW_FILE                                                                                        },
    {"folder-",              "Put the files into folders that are nested less deep, and send them again."                    },
    {"pem-",                 NEW_FILE                                                                                        },
    {"manifest-",            NEW_FILE                                                                                        },
    {"duplicate-",           "Send each device or name once."                                                                },
    {"device-twice",         "Send each device or name once."                                                                },
    {"ledger-",              HAS_ONE                                                                                         },
    {"device-known",         HAS_ONE                                                                                         },
    {"changed-",
     "Send the medium again and leave it as it is; its bytes changed between review and signature."                          },
    {"profile-",             "Put the values right, and send the item again."                                                },
};

const char *
batch_refusal_sentence(const char *code)
{
    for (size_t i = 0; i < sizeof of_the_line / sizeof of_the_line[0]; i++)
        if (strcmp(of_the_line[i].code, code) == 0)
            return of_the_line[i].sentence;
    int row = batch_code_find(code);
    if (row < 0 || batch_code_row((unsigned)row)->outcome != REQUEST_REFUSED)
        return NULL;
    return batch_code_row((unsigned)row)->sentence;
}

const char *
batch_refusal_advice(const char *code)
{
    if (batch_refusal_sentence(code) == NULL)
        return NULL;
    for (size_t i = 0; i < sizeof advices / sizeof advices[0]; i++)
        if (strncmp(advices[i].begin, code, strlen(advices[i].begin)) == 0)
            return advices[i].advice;
    return NULL;
}

/* --- the report --- */

struct report {
    struct batch_stream *stream; /* NULL: nothing was refused so far */
    const char *path;
    const char *title;
    uint64_t refused;
    uint64_t items;
};

static struct error *
put(struct report *report, const struct bytes *text)
{
    return batch_stream_write(report->stream, text->data, text->len);
}

static struct error *
begin(struct report *report)
{
    AUTO_BYTES head = {0};
    if (report->stream != NULL)
        return NULL;
    TRY(batch_stream_new(report->path, &report->stream));
    TRY(bytes_format(&head, "%s\n\nThese items were refused; nothing was signed for them.\n",
                     report->title));
    return put(report, &head);
}

static const char *
text_of(const json_t *line, const char *key)
{
    const char *text = json_string_value(json_object_get(line, key));
    return text == NULL ? "" : text;
}

/* Refusals only, with what was found for the first of them. */
static struct error *
put_codes(const json_t *line, struct bytes *text)
{
    size_t index = 0;
    const json_t *value = NULL;
    const char *found = text_of(line, "remark");
    json_array_foreach(json_object_get(line, "codes"), index, value)
    {
        const char *code = json_string_value(value);
        const char *sentence = code == NULL ? NULL : batch_refusal_sentence(code);
        if (sentence == NULL)
            continue;
        TRY(bytes_format(text, "  %s: %s%s%s%s\n", code, sentence,
                         index == 0 && found[0] != '\0' ? " (" : "", index == 0 ? found : "",
                         index == 0 && found[0] != '\0' ? ")" : ""));
        TRY(bytes_format(text, "    What to do: %s\n", batch_refusal_advice(code)));
    }
    return NULL;
}

static struct error *
put_item(struct report *report, const json_t *line)
{
    AUTO_BYTES text = {0};
    const char *device = text_of(line, "device");
    report->items++;
    if (strcmp(text_of(line, "verdict"), "refused") != 0)
        return NULL;
    report->refused++;
    TRY(begin(report));
    TRY(bytes_format(&text, "\nItem %llu, %s%s%s\n", (unsigned long long)report->items,
                     text_of(line, "item"), device[0] == '\0' ? "" : ", device ", device));
    if (text_of(line, "input_sha256")[0] != '\0')
        TRY(bytes_format(&text, "  SHA-256 %s\n", text_of(line, "input_sha256")));
    TRY(put_codes(line, &text));
    return put(report, &text);
}

static void
close_auto(FILE **file)
{
    if (*file != NULL)
        (void)fclose(*file);
}

static struct error *
read_all(struct report *report, const char *results)
{
    AUTO_FREE char *text = NULL;
    size_t room = 0;
    __attribute__((cleanup(close_auto))) FILE *file = fopen(results, "re");
    if (file == NULL)
        return ERROR(ERROR_IO, "the results of the batch could not be read");
    for (ssize_t len = getline(&text, &room, file); len > 0;
         len = getline(&text, &room, file)) {
        json_t *line = json_loadb(text, (size_t)len, JSON_REJECT_DUPLICATES, NULL);
        struct error *error = line == NULL
                                  ? ERROR(ERROR_VERIFICATION, "a result cannot be read")
                                  : put_item(report, line);
        json_decref(line);
        TRY(error);
    }
    return NULL;
}

static struct error *
finish(struct report *report)
{
    AUTO_BYTES end = {0};
    if (report->stream == NULL)
        return file_remove(report->path);
    TRY(bytes_format(&end, "\n%llu of %llu items were refused.\n",
                     (unsigned long long)report->refused, (unsigned long long)report->items));
    TRY(put(report, &end));
    return batch_stream_finish(report->stream);
}

struct error *
batch_refusals_write(const char *results, const char *path, const char *title,
                     uint64_t *ret_count)
{
    struct report report = {.path = path, .title = title};
    struct error *error = read_all(&report, results);
    if (error == NULL)
        error = finish(&report);
    batch_stream_free(report.stream);
    if (error == NULL)
        *ret_count = report.refused;
    return error;
}
