/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/pki/envelope_open.h"

#include <limits.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "ceremony/pki/x509.h"

#define BLOCK 16U
#define PART  4096U /* octets that are decrypted at a time */

/* Contents of object identifiers. */
static const unsigned char enveloped[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x03};
static const unsigned char data[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01};
static const unsigned char aes_256_cbc[] = {0x60, 0x86, 0x48, 0x01, 0x65,
                                            0x03, 0x04, 0x01, 0x2a};

/* Whole AlgorithmIdentifiers. In DER the defaults, SHA-1 all of them, are left out; SHA-256 is written
 * with and without parameters (RFC 4055 2.1). */
#define OAEP   0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x07
#define SHA256 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01
#define MGF1   0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08
static const unsigned char oaep_sha1[] = {0x30, 0x0d, OAEP, 0x30, 0x00};
static const unsigned char oaep_sha256[] = {0x30, 0x38, OAEP, 0x30,   0x2b, 0xa0,
                                            0x0d, 0x30, 0x0b, SHA256, 0xa1, 0x1a,
                                            0x30, 0x18, MGF1, 0x30,   0x0b, SHA256};
static const unsigned char oaep_sha256_null[] = {
    0x30, 0x3c, OAEP, 0x30, 0x2f, 0xa0, 0x0f, 0x30, 0x0d,   SHA256, 0x05,
    0x00, 0xa1, 0x1c, 0x30, 0x1a, MGF1, 0x30, 0x0d, SHA256, 0x05,   0x00};

/* --- a file --- */

struct pem {
    BIO *file;
    char *name;
    char *header;
    unsigned char *der;
    long len;
};

static void
pem_clear(struct pem *pem)
{
    BIO_free(pem->file);
    OPENSSL_free(pem->name);
    OPENSSL_free(pem->header);
    OPENSSL_free(pem->der);
}

#define AUTO_PEM __attribute__((cleanup(pem_clear))) struct pem

struct error *
envelope_from_file(const void *file, size_t len, struct bytes *ret_der)
{
    static const char begin[] = "-----BEGIN CMS-----";
    AUTO_PEM pem = {0};
    if (len > 0 && *(const unsigned char *)file == DER_SEQUENCE)
        return bytes_copy(ret_der, file, len);
    if (len > INT_MAX || len < sizeof begin || memcmp(file, begin, sizeof begin - 1) != 0)
        return ERROR(ERROR_INPUT, "the file is neither DER nor PEM of an envelope (CMS)");
    pem.file = BIO_new_mem_buf(file, (int)len);
    if (pem.file == NULL)
        return error_memory();
    (void)ERR_set_mark();
    int read = PEM_read_bio(pem.file, &pem.name, &pem.header, &pem.der, &pem.len);
    (void)ERR_pop_to_mark();
    if (read != 1 || pem.header[0] != '\0' || strcmp(pem.name, "CMS") != 0
        || BIO_ctrl_pending(pem.file) != 0)
        return ERROR(ERROR_INPUT, "the file is not one block of PEM with an envelope (CMS)");
    return bytes_copy(ret_der, pem.der, (size_t)pem.len);
}

/* --- structure; each returns a fault or NULL --- */

static const char *
read_oaep(struct der whole, struct envelope_sealed *sealed)
{
    sealed->sha1 = der_is_bytes(whole, oaep_sha1, sizeof oaep_sha1);
    if (sealed->sha1 || der_is_bytes(whole, oaep_sha256, sizeof oaep_sha256)
        || der_is_bytes(whole, oaep_sha256_null, sizeof oaep_sha256_null))
        return NULL;
    return "its key is not encrypted by RSA-OAEP with SHA-256, or SHA-1, for hash and mask";
}

/* rid: issuer and serial number, or [0] subject key identifier */
static const char *
read_recipient_id(struct der *from, struct envelope_sealed *sealed)
{
    struct der_item item;
    struct der_item part;
    if (der_is_next(*from, DER_CONTEXT(0))) {
        DER_TRY(der_expect(from, DER_CONTEXT(0), &item));
        sealed->key_id = item.body;
        return item.body.len == 0 ? "its recipient has no name" : NULL;
    }
    DER_TRY(der_expect(from, DER_SEQUENCE, &item));
    DER_TRY(der_expect(&item.body, DER_SEQUENCE, &part));
    sealed->issuer = part.whole;
    DER_TRY(der_expect(&item.body, DER_INTEGER, &part));
    sealed->serial = part.body;
    return der_end(item.body);
}

static const char *
read_recipient(struct der from, struct envelope_sealed *sealed)
{
    struct der_item item;
    int64_t version = 0;
    DER_TRY(der_expect(&from, DER_INTEGER, &item));
    DER_TRY(der_small_integer(item.body, &version));
    DER_TRY(read_recipient_id(&from, sealed));
    if (version != (sealed->key_id.len > 0 ? 2 : 0))
        return "its recipient is of another version than RFC 5652 says";
    DER_TRY(der_expect(&from, DER_SEQUENCE, &item));
    DER_TRY(read_oaep(item.whole, sealed));
    DER_TRY(der_expect(&from, DER_OCTET_STRING, &item));
    sealed->key = item.body;
    return der_end(from);
}

static const char *
read_recipients(struct der from, struct envelope_sealed *sealed)
{
    struct der_item item;
    if (!der_is_next(from, DER_SEQUENCE))
        return "it is not encrypted to an RSA key";
    DER_TRY(der_expect(&from, DER_SEQUENCE, &item));
    DER_TRY(read_recipient(item.body, sealed));
    return from.len == 0 ? NULL : "it has more recipients than one, and others could read it";
}

static const char *
read_contents(struct der from, struct envelope_sealed *sealed)
{
    struct der_item item;
    struct der_item part;
    DER_TRY(der_expect(&from, DER_OID, &item));
    if (!der_is_bytes(item.body, data, sizeof data))
        return "its contents are not plain data";
    DER_TRY(der_expect(&from, DER_SEQUENCE, &item));
    DER_TRY(der_expect(&item.body, DER_OID, &part));
    if (!der_is_bytes(part.body, aes_256_cbc, sizeof aes_256_cbc))
        return "its contents are not encrypted by AES-256-CBC";
    DER_TRY(der_expect(&item.body, DER_OCTET_STRING, &part));
    DER_TRY(der_end(item.body));
    sealed->iv = part.body;
    if (!der_is_next(from, DER_CONTEXT(0)))
        return "its contents are not in one piece";
    DER_TRY(der_expect(&from, DER_CONTEXT(0), &item));
    sealed->contents = item.body;
    if (sealed->iv.len != BLOCK || item.body.len == 0 || item.body.len % BLOCK != 0)
        return "its contents are cut off";
    return der_end(from);
}

static const char *
read_sealed(struct der whole, struct envelope_sealed *sealed)
{
    struct der_item outer;
    struct der_item item;
    struct der from;
    int64_t version = 0;
    DER_TRY(der_only(whole, DER_SEQUENCE, &outer));
    DER_TRY(der_expect(&outer.body, DER_OID, &item));
    if (!der_is_bytes(item.body, enveloped, sizeof enveloped))
        return "it is no EnvelopedData";
    DER_TRY(der_only(outer.body, DER_CONTEXT_C(0), &item));
    DER_TRY(der_only(item.body, DER_SEQUENCE, &item));
    from = item.body;
    DER_TRY(der_expect(&from, DER_INTEGER, &item));
    DER_TRY(der_small_integer(item.body, &version));
    DER_TRY(der_expect(&from, DER_SET, &item)); /* originatorInfo would stand before */
    DER_TRY(read_recipients(item.body, sealed));
    if (version != (sealed->key_id.len > 0 ? 2 : 0))
        return "it is of another version than RFC 5652 says";
    DER_TRY(der_expect(&from, DER_SEQUENCE, &item));
    DER_TRY(read_contents(item.body, sealed));
    return der_end(from); /* nor are there attributes */
}

struct error *
envelope_read(const void *der, size_t len, struct envelope_sealed *ret_sealed)
{
    struct envelope_sealed sealed = {0};
    const char *fault = read_sealed(der_view(der, len), &sealed);
    if (fault != NULL)
        return error_hint(
            ERROR(ERROR_INPUT, "the envelope cannot be opened: %s", fault),
            "Make it with: openssl cms -encrypt -binary -aes-256-cbc -outform DER "
            "-recip CERTIFICATE -keyopt rsa_padding_mode:oaep");
    *ret_sealed = sealed;
    return NULL;
}

/* --- for whom --- */

struct error *
envelope_check_for(const struct envelope_sealed *sealed, const void *certificate, size_t len)
{
    struct x509 x509;
    TRY(x509_read(certificate, len, KIND_CERTIFICATE, "the recipient's certificate", &x509));
    bool same = false;
    if (sealed->key_id.len > 0) {
        struct der key_id = x509_ski(&x509);
        same = key_id.len > 0 && der_equal(key_id, sealed->key_id);
    } else {
        same = der_equal(sealed->issuer, x509.issuer.whole)
               && der_equal(sealed->serial, x509.serial.body);
    }
    if (same)
        return NULL;
    return error_hint(ERROR(ERROR_REFUSED,
                            "the envelope is for another certificate than that of the key "
                            "that shall open it"),
                      "Have it made for the certificate that the ledger has of this key.");
}

/* --- contents --- */

struct decryption {
    EVP_CIPHER_CTX *context;
    struct secret *room;
};

static void
decryption_clear(struct decryption *decryption)
{
    EVP_CIPHER_CTX_free(decryption->context); /* wipes the key and the last block */
    secret_free(decryption->room);
}

#define AUTO_DECRYPTION __attribute__((cleanup(decryption_clear))) struct decryption

static struct error *
hand_over(const struct decryption *decryption, int len, const struct envelope_reader *reader)
{
    unsigned char *room = secret_borrow(decryption->room);
    struct error *error = len > 0 ? reader->take(reader->self, room, (size_t)len) : NULL;
    secret_wipe(room, PART + BLOCK);
    return error;
}

static struct error *
not_ours(void)
{
    return error_hint(ERROR(ERROR_REFUSED,
                            "the contents of the envelope are not whole: they were "
                            "changed on the way, or cut off"),
                      "Compare its SHA-256 with the sender's paper, and have it sent again.");
}

struct error *
envelope_decrypt(const struct envelope_sealed *sealed, const struct secret *key,
                 const struct envelope_reader *reader)
{
    AUTO_DECRYPTION decryption = {0};
    int len = 0;
    if (secret_size(key) != ENVELOPE_KEY)
        return not_ours();
    TRY(secret_new(PART + BLOCK, &decryption.room));
    decryption.context = EVP_CIPHER_CTX_new();
    if (decryption.context == NULL
        || EVP_DecryptInit_ex(decryption.context, EVP_aes_256_cbc(), NULL,
                              secret_borrow_const(key), sealed->iv.p)
               != 1)
        return error_memory();
    unsigned char *room = secret_borrow(decryption.room);
    for (size_t at = 0; at < sealed->contents.len; at += PART) {
        size_t rest = sealed->contents.len - at;
        if (EVP_DecryptUpdate(decryption.context, room, &len, sealed->contents.p + at,
                              (int)(rest < PART ? rest : PART))
            != 1)
            return error_memory();
        TRY(hand_over(&decryption, len, reader));
    }
    if (EVP_DecryptFinal_ex(decryption.context, room, &len) != 1)
        return not_ours();
    return hand_over(&decryption, len, reader);
}
