/* SPDX-License-Identifier: Apache-2.0
 *
 * The signing line by itself, on a token, for tests/fault and tests/bench: the kill campaign and the
 * measurements want nothing of a ceremony around it.
 *
 *   batch_driver make FOLDER KEY-TYPE      a token with an issuing key, its certificate, a ledger
 *   batch_driver run FOLDER [NAME=VALUE]   the line over items made on the spot
 *   batch_driver verify FOLDER             every certificate of the output against the issuer
 *   batch_driver bare FOLDER COUNT         CPU time of the token's signature and of checks by themselves
 *
 * SOFTHSM2_CONF names the token store; BATCH_MODULE another module than SoftHSM. `run` takes count,
 * block, workers, form, refuse, seed, sample, repeats, quick and batch; at the end it writes one line of JSON. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/pki/pki.h"
#include "p11/key.h"
#include "p11/module.h"
#include "p11/provider.h"
#include "p11/token.h"
#include "tests/support/batch/batch.h"
#include "tests/support/softhsm.h"

#define PIN   "user-pin-1"
#define BEGIN "-----BEGIN CERTIFICATE-----\n"
#define END   "-----END CERTIFICATE-----\n"
#define HASH  "1111111111111111111111111111111111111111111111111111111111111111"

static const unsigned char key_id[] = {0xca, 0x01};

struct driver {
    const char *folder;
    char *paths[6];
    struct p11_module *module;
    struct p11_session *session;
    struct p11_token_info token;
    struct bytes spki;
    struct bytes certificate;
    char spki_sha256[65];
    struct p11_signer *signer;
    struct batch_token_signer token_signer;
};

enum path {
    PATH_LEDGER,
    PATH_OUTPUT,
    PATH_RESULTS,
    PATH_JOURNAL,
    PATH_ISSUER,
    PATH_PROFILE
};

static const char *const path_names[] = {"ledger.db", "certificates", "results.jsonl",
                                         "journal",   "issuer.der",   "profile.yaml"};

static struct error *
open_module(struct driver *d)
{
    const char *path = getenv("BATCH_MODULE");
    return p11_module_open("softhsm", path == NULL ? SOFTHSM_MODULE : path, NULL, &d->module);
}

static struct error *
login(struct driver *d, enum p11_user user)
{
    AUTO(secret) pin = NULL;
    TRY(secret_from(PIN, strlen(PIN), &pin));
    return p11_login(d->session, user, pin);
}

static struct error *
make_token(struct driver *d, const char *key_type)
{
    struct p11_token_info blank = {0};
    AUTO(secret) pin = NULL;
    struct p11_key_plan plan = {.type = (enum p11_key_type)p11_key_type_parse(key_type),
                                .purpose = P11_KEY_NO_BACKUP,
                                .label = "issuing",
                                .id_len = sizeof key_id};
    memcpy(plan.id, key_id, sizeof key_id);
    TRY(secret_from(PIN, strlen(PIN), &pin));
    TRY(p11_token_find_blank(d->module, &blank));
    TRY(p11_token_initialize(d->module, &blank, "Issuing", pin, &d->token));
    TRY(p11_session_open(d->module, d->token.slot, &d->session));
    TRY(p11_login(d->session, P11_SO, pin));
    TRY(p11_init_pin(d->session, pin));
    TRY(p11_logout(d->session));
    TRY(login(d, P11_USER));
    TRY(p11_key_generate(d->session, &plan));
    return p11_key_spki(d->session, key_id, sizeof key_id, &d->spki);
}

static struct error *
make_certificate(struct driver *d)
{
    AUTO(p11_provider) provider = NULL;
    struct batch_issuer issuer = {0};
    TRY(p11_provider_new(&provider));
    TRY(p11_provider_key(provider, d->session, key_id, sizeof key_id, d->spki.data, d->spki.len,
                         &issuer.key));
    TRY(bytes_copy(&issuer.spki, d->spki.data, d->spki.len));
    struct error *error = batch_issuer_certify(&issuer, d->paths[PATH_PROFILE], false,
                                               p11_provider_context(provider));
    if (error == NULL)
        error = file_replace(d->paths[PATH_ISSUER], issuer.certificate.data,
                             issuer.certificate.len);
    batch_issuer_clear(&issuer);
    return error;
}

static struct error *
make(struct driver *d, const char *key_type)
{
    AUTO(ledger) ledger = NULL;
    TRY(open_module(d));
    TRY(make_token(d, key_type));
    TRY(make_certificate(d));
    TRY(folder_make(d->paths[PATH_OUTPUT], true));
    TRY(folder_make(d->paths[PATH_JOURNAL], true));
    TRY(file_replace(d->paths[PATH_PROFILE], batch_device_profile,
                     strlen(batch_device_profile)));
    TRY(ledger_open(d->paths[PATH_LEDGER], true, &ledger));
    return ledger_ceremony_open(ledger, "c-1", "rehearsal", HASH);
}

/* --- what was made, opened again --- */

static struct error *
open_signer(struct driver *d)
{
    TRY(open_module(d));
    TRY(p11_token_find(d->module, "pkcs11:token=Issuing", &d->token));
    TRY(p11_session_open(d->module, d->token.slot, &d->session));
    TRY(login(d, P11_USER));
    TRY(file_read(d->paths[PATH_ISSUER], 65536, &d->certificate));
    TRY(pki_certificate_spki(d->certificate.data, d->certificate.len, &d->spki));
    TRY(pki_spki_hash(d->spki.data, d->spki.len, d->spki_sha256));
    TRY(p11_signer_new(d->session, key_id, sizeof key_id, d->spki.data, d->spki.len,
                       &d->signer));
    const struct key_kind *kind = key_kind_of_spki(der_view(d->spki.data, d->spki.len));
    d->token_signer = (struct batch_token_signer){.signer = d->signer};
    d->token_signer.how.digest = batch_token_digest(kind);
    return NULL;
}

static unsigned long
number_of(int count, char **arguments, const char *name, unsigned long otherwise)
{
    size_t len = strlen(name);
    for (int i = 0; i < count; i++)
        if (strncmp(arguments[i], name, len) == 0 && arguments[i][len] == '=')
            return strtoul(arguments[i] + len + 1, NULL, 10);
    return otherwise;
}

static void
print_totals(const struct batch_totals *totals, int64_t started_ms, int64_t first_ms)
{
    struct clock_reading now;
    struct rusage usage;
    char root[65];
    clock_read(&now);
    (void)getrusage(RUSAGE_SELF, &usage);
    hex_encode(totals->root, sizeof totals->root, root);
    (void)printf("{\"items\": %llu, \"issued\": %llu, \"refused\": %llu, \"before\": %llu,"
                 " \"resigned\": %llu, \"root\": \"%s\", \"seconds\": %.3f, \"opening\": %.3f,"
                 " \"cpu\": %.3f, \"kib\": %ld}\n",
                 (unsigned long long)totals->items, (unsigned long long)totals->issued,
                 (unsigned long long)totals->refused, (unsigned long long)totals->before,
                 (unsigned long long)totals->resigned, root,
                 (double)(now.monotonic_ms - first_ms) / 1000.0,
                 (double)(first_ms - started_ms) / 1000.0,
                 (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec
                     + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6,
                 usage.ru_maxrss);
}

static struct error *
run_line(struct driver *d, int count, char **arguments)
{
    struct clock_reading started;
    struct clock_reading first;
    AUTO(ledger) ledger = NULL;
    AUTO(pki_profile) profile = NULL;
    AUTO(batch_template) template = NULL;
    struct batch_totals totals;
    bool paused = false;
    char batch[32];
    clock_read(&started);
    TRY(open_signer(d));
    TRY(ledger_open(d->paths[PATH_LEDGER], false, &ledger));
    TRY(batch_profile(d->paths[PATH_PROFILE], NULL, &profile));
    struct batch_template_order order = {profile, d->certificate.data, d->certificate.len,
                                         BATCH_NOW, false};
    TRY(batch_template_new(&order, &template));
    struct batch_test_feed feed = {
        .count = number_of(count, arguments, "count", 2000),
        .refuse = number_of(count, arguments, "refuse", 0),
        .seed = (unsigned)number_of(count, arguments, "seed", 0),
        .quick = number_of(count, arguments, "quick", 0) != 0,
    };
    (void)snprintf(batch, sizeof batch, "c-1/%lu", number_of(count, arguments, "batch", 1));
    struct batch_line line = {
        .ledger = ledger,
        .ceremony = "c-1",
        .batch = batch,
        .issuer_spki_sha256 = d->spki_sha256,
        .profile = profile,
        .template = template,
        .feed = batch_test_feed(&feed),
        .code_name = batch_test_code,
        .signer = batch_signer_of_token(&d->token_signer),
        .output = {.folder = d->paths[PATH_OUTPUT],
                   .form = (enum batch_form)number_of(count, arguments, "form", 0),
                   .time = BATCH_NOW},
        .results = d->paths[PATH_RESULTS],
        .journal = d->paths[PATH_JOURNAL],
        .workers = (unsigned)number_of(count, arguments, "workers", 2),
        .block = number_of(count, arguments, "block", 0),
        .sample = (unsigned)number_of(count, arguments, "sample", 1000),
        .reissue = number_of(count, arguments, "repeats", 0) != 0,
    };
    clock_read(&first);
    TRY(batch_line_run(&line, &totals, &paused));
    print_totals(&totals, started.monotonic_ms, first.monotonic_ms);
    return NULL;
}

/* --- every certificate there is --- */

static struct error *
verify_file(struct driver *d, const char *path, uint64_t *count)
{
    AUTO_BYTES pem = {0};
    TRY(file_read(path, (size_t)1 << 28, &pem));
    const unsigned char *at = pem.data;
    const unsigned char *last = pem.data + pem.len;
    while ((at = memmem(at, (size_t)(last - at), BEGIN, strlen(BEGIN))) != NULL) {
        AUTO_BYTES der = {0};
        char label[32];
        const unsigned char *end = memmem(at, (size_t)(last - at), END, strlen(END));
        if (end == NULL)
            return ERROR(ERROR_VERIFICATION, "\"%s\" is not whole", path);
        end += strlen(END);
        TRY(pki_from_file(at, (size_t)(end - at), &der, label));
        TRY(pki_certificate_verify(der.data, der.len, d->certificate.data, d->certificate.len));
        ++*count;
        at = end;
    }
    return NULL;
}

static struct error *
verify(struct driver *d)
{
    AUTO_FOLDER_LIST list = {0};
    uint64_t count = 0;
    TRY(file_read(d->paths[PATH_ISSUER], 65536, &d->certificate));
    TRY(folder_list(d->paths[PATH_OUTPUT], true, true, &list));
    for (size_t i = 0; i < list.count; i++) {
        AUTO_FREE char *path = NULL;
        TRY(path_join(d->paths[PATH_OUTPUT], list.names[i], &path));
        if (!text_ends_with(path, ".tmp"))
            TRY(verify_file(d, path, &count));
    }
    (void)printf("{\"verified\": %llu}\n", (unsigned long long)count);
    return NULL;
}

/* --- the parts by themselves; CPU time, since others use the machine, too --- */

static double
cpu_us(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6
           + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static struct error *
bare(struct driver *d, unsigned long count)
{
    unsigned char message[400];
    AUTO_BYTES signature = {0};
    TRY(open_signer(d));
    memset(message, 0x30, sizeof message);
    TRY(p11_signer_sign(d->signer, &d->token_signer.how, message, sizeof message, &signature));
    double start = cpu_us();
    for (unsigned long i = 0; i < count; i++)
        TRY(p11_signer_sign(d->signer, &d->token_signer.how, message, sizeof message,
                            &signature));
    double both = (cpu_us() - start) / (double)count;
    EVP_PKEY *key = p11_signer_public_key(d->signer);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context != NULL;
    start = cpu_us();
    for (unsigned long i = 0; good && i < count; i++)
        good =
            EVP_DigestVerifyInit_ex(context, NULL, d->token_signer.how.digest, NULL, NULL, key,
                                    NULL)
                == 1
            && EVP_DigestVerify(context, signature.data, signature.len, message, sizeof message)
                   == 1
            && EVP_MD_CTX_reset(context) == 1;
    double check = (cpu_us() - start) / (double)count;
    EVP_MD_CTX_free(context);
    if (!good)
        return ERROR(ERROR_VERIFICATION, "a signature is wrong");
    (void)printf("{\"sign_us\": %.2f, \"verify_us\": %.2f}\n", both - check, check);
    return NULL;
}

static void
close_all(struct driver *d)
{
    p11_signer_free(d->signer);
    p11_session_close(d->session);
    p11_module_close(d->module);
    bytes_clear(&d->spki);
    bytes_clear(&d->certificate);
    for (size_t i = 0; i < 6; i++)
        free(d->paths[i]);
}

static struct error *
dispatch(struct driver *d, int argc, char **argv)
{
    d->folder = argv[2];
    for (size_t i = 0; i < 6; i++)
        TRY(path_join(d->folder, path_names[i], &d->paths[i]));
    if (strcmp(argv[1], "make") == 0 && argc == 4)
        return make(d, argv[3]);
    if (strcmp(argv[1], "run") == 0)
        return run_line(d, argc - 3, argv + 3);
    if (strcmp(argv[1], "verify") == 0)
        return verify(d);
    if (strcmp(argv[1], "bare") == 0 && argc == 4)
        return bare(d, strtoul(argv[3], NULL, 10));
    return ERROR(ERROR_USAGE, "make, run, verify or bare is wanted");
}

int
main(int argc, char **argv)
{
    struct driver d = {0};
    struct error *error = argc < 3 ? ERROR(ERROR_USAGE, "a word and a folder are wanted")
                                   : dispatch(&d, argc, argv);
    close_all(&d);
    if (error == NULL)
        return 0;
    (void)fprintf(stderr, "batch_driver: %s (%s)\n", error_what(error),
                  error_code_name(error_code(error)));
    int status = error_exit_status(error);
    error_free(error);
    return status;
}
