/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/pki/ca_request.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/pki/algorithm.h"
#include "ceremony/pki/der_write.h"
#include "ceremony/pki/draft.h"
#include "ceremony/pki/lint.h"
#include "ceremony/pki/name.h"
#include "ceremony/pki/verify.h"

void
pki_ca_request_clear(struct pki_ca_request *request)
{
    bytes_clear(&request->spki);
    bytes_clear(&request->subject);
    free(request->subject_text);
    *request = (struct pki_ca_request){0};
}

/* CertificationRequestInfo: version 0, subject, key, [0] without attributes. */
static struct error *
put_info(struct bytes *out, const struct pki_profile *profile, const void *spki,
         size_t spki_len, bool practice)
{
    TRY(der_put_number(out, 0));
    TRY_DOING(name_put(out, &profile->certificate.subject, practice), "writing the subject");
    TRY(der_put_raw(out, der_view(spki, spki_len)));
    size_t attributes = out->len;
    TRY(der_close(out, attributes, DER_CONTEXT_C(0)));
    return der_close(out, 0, DER_SEQUENCE);
}

struct error *
pki_request_make(const struct pki_profile *profile, const void *spki, size_t spki_len,
                 bool practice, EVP_PKEY *key, OSSL_LIB_CTX *context, struct bytes *ret_der)
{
    const struct signature_kind *kind = NULL;
    AUTO_BYTES der = {0};
    AUTO_BYTES signature = {0};
    AUTO_CA_REQUEST again = {0};
    TRY(draft_choose_algorithm(spki, spki_len, "", false, &kind));
    TRY(put_info(&der, profile, spki, spki_len, practice));
    TRY(pki_sign(key, context, kind->digest, der.data, der.len, &signature));
    TRY(der_put_raw(&der, der_view(kind->der, kind->der_len)));
    TRY(der_put_bits(&der, signature.data, signature.len));
    TRY(der_close(&der, 0, DER_SEQUENCE));
    TRY_DOING(pki_ca_request_read(der.data, der.len, &again), "reading the new request back");
    bytes_clear(ret_der);
    *ret_der = der;
    memset(&der, 0, sizeof der);
    return NULL;
}

/* The lint rows for requests are the reader's rules, too. */
static struct error *
check_rules(const void *der, size_t len)
{
    AUTO_LINT_REPORT report = {0};
    const struct pki_lint_context context = {0};
    TRY(pki_lint(der, len, &context, &report));
    return pki_lint_require(&report, "request");
}

struct error *
pki_ca_request_read(const void *der, size_t len, struct pki_ca_request *ret_request)
{
    struct x509 x509;
    AUTO_CA_REQUEST request = {0};
    AUTO_BYTES text = {0};
    TRY(x509_read(der, len, KIND_REQUEST, "the request", &x509));
    TRY(check_rules(der, len));
    TRY_DOING(verify_object(&x509, x509.spki.whole, NULL),
              "checking that the key signed its request");
    TRY(bytes_copy(&request.spki, x509.spki.whole.p, x509.spki.whole.len));
    TRY(bytes_copy(&request.subject, x509.subject.whole.p, x509.subject.whole.len));
    TRY(name_append(&text, x509.subject.whole));
    TRY(bytes_take_text(&text, &request.subject_text));
    pki_ca_request_clear(ret_request);
    *ret_request = request;
    memset(&request, 0, sizeof request);
    return NULL;
}
