/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/file.h"
#include "shamir/backup.h"
#include "shamir/cmd.h"
#include "shamir/key_wrap.h"

struct request {
    const char *blob;
    const char *output;
    uint8_t kcv[KEY_WRAP_CHECK_SIZE];
    uint8_t spki[BACKUP_HASH_SIZE];
};

static struct error *
parse(int argc, char **argv, struct request *request)
{
    struct cmd_option options[] = {
        {.name = "--blob",   .has_value = true},
        {.name = "--kcv",                  .has_value = true},
        {.name = "--spki",.has_value = true},
        {.name = "--output",   .has_value = true},
        {0                 },
    };
    TRY(cmd_parse(argc, argv, options, NULL));
    for (const struct cmd_option *option = options; option->name != NULL; option++)
        if (option->count == 0)
            return ERROR(ERROR_USAGE, "option \"%s\" is needed", option->name);
    request->blob = cmd_value(options, "--blob");
    request->output = cmd_value(options, "--output");
    TRY(cmd_hex("--kcv", cmd_value(options, "--kcv"), request->kcv, sizeof request->kcv));
    return cmd_hex("--spki", cmd_value(options, "--spki"), request->spki, sizeof request->spki);
}

/* Before anyone types a share: what can be known to fail now, fails now. */
static struct error *
prepare(const struct request *request, struct bytes *blob)
{
    if (file_exists(request->output))
        return ERROR(ERROR_EXISTS, "the file \"%s\" is there already", request->output);
    return file_read(request->blob, KEY_WRAP_BLOB_MAX, blob);
}

static struct error *
recover(const struct request *request, const struct bytes *blob, struct secret **ret_pkcs8)
{
    AUTO(slip39_collector) collector = NULL;
    TRY(cmd_collect(NULL, &collector));
    AUTO(secret) kek = NULL;
    TRY(slip39_combine(collector, NULL, &kek));
    uint8_t kcv[KEY_WRAP_CHECK_SIZE];
    TRY(key_wrap_check_value(kek, kcv));
    if (!secret_memory_equal(kcv, request->kcv, sizeof kcv))
        return error_hint(ERROR(ERROR_INPUT,
                                "the shares give another key than the one recorded: the "
                                "check value does not fit"),
                          "Look whether these shares and this check value are of one backup.");
    AUTO(secret) pkcs8 = NULL;
    TRY(backup_unwrap(kek, blob->data, blob->len, &pkcs8));
    uint8_t hash[BACKUP_HASH_SIZE];
    TRY(backup_spki_hash(pkcs8, hash));
    if (!secret_memory_equal(hash, request->spki, sizeof hash))
        return error_hint(ERROR(ERROR_INPUT,
                                "the blob holds the private key of another public key "
                                "than the one recorded"),
                          "Look whether this blob and this hash are of one backup.");
    *ret_pkcs8 = TAKE(pkcs8);
    return NULL;
}

static struct error *
write_all(int descriptor, const struct secret *secret, const char *path)
{
    const unsigned char *data = secret_borrow_const(secret);
    size_t left = secret_size(secret);
    while (left > 0) {
        ssize_t done = write(descriptor, data, left);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return ERROR_ERRNO(errno, "the file \"%s\" could not be written", path);
        data += done;
        left -= (size_t)done;
    }
    if (fsync(descriptor) != 0)
        return ERROR_ERRNO(errno, "the file \"%s\" could not be written", path);
    return NULL;
}

/* Not file_write_new: that reads back into memory nobody wipes. */
static struct error *
write_key(const char *path, const struct secret *secret)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (descriptor < 0 && errno == EEXIST)
        return ERROR(ERROR_EXISTS, "the file \"%s\" is there already", path);
    if (descriptor < 0)
        return ERROR_ERRNO(errno, "the file \"%s\" could not be made", path);
    struct error *error = write_all(descriptor, secret, path);
    if (close(descriptor) != 0 && error == NULL)
        error = ERROR_ERRNO(errno, "the file \"%s\" could not be written", path);
    if (error != NULL)
        error_free(file_destroy(path));
    return error;
}

struct error *
slip39_cmd_recover(int argc, char **argv)
{
    struct request request = {0};
    TRY(parse(argc, argv, &request));
    AUTO_BYTES blob = {0};
    TRY(prepare(&request, &blob));
    AUTO(secret) pkcs8 = NULL;
    TRY(recover(&request, &blob, &pkcs8));
    TRY(write_key(request.output, pkcs8));
    (void)fprintf(
        stderr,
        "The key is in \"%s\", not encrypted. Check value and public key are the recorded "
        "ones.\n",
        request.output);
    return NULL;
}
