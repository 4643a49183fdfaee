/* SPDX-License-Identifier: Apache-2.0
 *
 * crlcheck judges CRLs with Mbed TLS. crlcheck ISSUER CRL: is it whole and its issuer's? crlcheck ROOT CHAIN CRLS, the
 * chain's first certificate being the one in question: "good" or "revoked". Built by scripts/dev/judges alone. */
#include <mbedtls/error.h>
#include <mbedtls/x509_crl.h>
#include <mbedtls/x509_crt.h>
#include <stdio.h>
#include <string.h>

static int
fail(const char *what, int code)
{
    char text[128];
    mbedtls_strerror(code, text, sizeof text);
    (void)fprintf(stderr, "%s: -0x%04x %s\n", what, (unsigned)-code, text);
    return 1;
}

/* What mbedtls_x509_crt_verify asks of a CRL, where there is no certificate below its issuer to ask about. */
static int
judge_signature(const mbedtls_x509_crt *issuer, mbedtls_x509_crl *crl)
{
    unsigned char hash[MBEDTLS_MD_MAX_SIZE];
    const mbedtls_md_info_t *kind = mbedtls_md_info_from_type(crl->sig_md);
    if (crl->issuer_raw.len != issuer->subject_raw.len
        || memcmp(crl->issuer_raw.p, issuer->subject_raw.p, crl->issuer_raw.len) != 0)
        return fail("another issuer", 0);
    if (kind == NULL || mbedtls_md(kind, crl->tbs.p, crl->tbs.len, hash) != 0)
        return fail("no hash of that kind", 0);
    int code = mbedtls_pk_verify_ext(crl->sig_pk, crl->sig_opts,
                                     (mbedtls_pk_context *)&issuer->pk, crl->sig_md, hash,
                                     mbedtls_md_get_size(kind), crl->sig.p, crl->sig.len);
    return code == 0 ? 0 : fail("the signature", code);
}

static int
judge_certificate(mbedtls_x509_crt *root, mbedtls_x509_crt *chain, mbedtls_x509_crl *crls)
{
    uint32_t flags = 0;
    char text[1024];
    int code = mbedtls_x509_crt_verify(chain, root, crls, NULL, &flags, NULL, NULL);
    if (code == 0 || flags == MBEDTLS_X509_BADCERT_REVOKED)
        return puts(code == 0 ? "good" : "revoked") < 0;
    (void)mbedtls_x509_crt_verify_info(text, sizeof text, "", flags);
    (void)fprintf(stderr, "%s", text);
    return 1;
}

int
main(int count, char **words)
{
    mbedtls_x509_crt root;
    mbedtls_x509_crt chain;
    mbedtls_x509_crl crls;
    mbedtls_x509_crt_init(&root);
    mbedtls_x509_crt_init(&chain);
    mbedtls_x509_crl_init(&crls);
    if (count != 3 && count != 4)
        return fail("usage: crlcheck ISSUER CRL | crlcheck ROOT CHAIN CRLS", 0);
    int code = mbedtls_x509_crt_parse_file(&root, words[1]);
    if (code == 0 && count == 4)
        code = mbedtls_x509_crt_parse_file(&chain, words[2]);
    if (code == 0)
        code = mbedtls_x509_crl_parse_file(&crls, words[count - 1]);
    if (code != 0)
        code = fail("it cannot be read", code);
    else
        code = count == 3 ? judge_signature(&root, &crls)
                          : judge_certificate(&root, &chain, &crls);
    mbedtls_x509_crl_free(&crls);
    mbedtls_x509_crt_free(&chain);
    mbedtls_x509_crt_free(&root);
    return code;
}
