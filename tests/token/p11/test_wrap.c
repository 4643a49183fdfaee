/* SPDX-License-Identifier: Apache-2.0
 *
 * Backup and restore as a ceremony does them (DESIGN 3), and the attacks of TRUST 4.2 on what is
 * made on the way (T23). */
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "p11/ck.h"
#include "p11/object.h"
#include "p11/signer.h"
#include "p11/wrap.h"
#include "shamir/backup.h"
#include "shamir/key_wrap.h"
#include "tests/token/p11/attributes.h"

static struct secret *
fixed_kek(unsigned char first)
{
    unsigned char value[P11_KEK_SIZE];
    for (size_t i = 0; i < sizeof value; i++)
        value[i] = (unsigned char)(first + i);
    struct secret *kek = NULL;
    check_ok(secret_from(value, sizeof value, &kek));
    return kek;
}

static void
log_in_anew(struct p11_session *session, enum p11_user user)
{
    check_ok(p11_logout(session));
    bench_login(session, user);
}

/* By the SO, as a session object that the user then wraps with. */
static unsigned long
trusted_kek(struct bench *bench, const struct secret *kek)
{
    unsigned long handle = 0;
    log_in_anew(bench->session, P11_SO);
    check_ok(p11_kek_import_trusted(bench->session, kek, &handle));
    log_in_anew(bench->session, P11_USER);
    return handle;
}

static void
sign_with(struct p11_session *session, const struct p11_key_plan *plan,
          const struct bytes *spki)
{
    AUTO(p11_signer) signer = NULL;
    check_ok(p11_signer_new(session, plan->id, plan->id_len, spki->data, spki->len, &signer));
    struct p11_signing how = {
        .digest = plan->type == P11_ED25519 ? NULL : "SHA256",
        .salt_len = -1,
    };
    AUTO_BYTES signature = {0};
    check_ok(p11_signer_sign(signer, &how, "message", 7, &signature));
    assert_true(signature.len >= 64);
}

static void
software_key_is(const struct secret *pkcs8, const struct bytes *spki)
{
    const unsigned char *der = secret_borrow_const(pkcs8);
    EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &der, (long)secret_size(pkcs8));
    assert_non_null(key);
    unsigned char *public = NULL;
    int len = i2d_PUBKEY(key, &public);
    assert_int_equal(len, spki->len);
    assert_memory_equal(public, spki->data, spki->len);
    OPENSSL_free(public);
    EVP_PKEY_free(key);
}

static void
back_up(struct bench *bench, const struct p11_key_plan *plan,
        const struct p11_wrap_method *method, const struct secret *kek, struct bytes *spki,
        struct bytes *blob)
{
    check_ok(p11_key_generate(bench->session, plan));
    check_ok(p11_key_spki(bench->session, plan->id, plan->id_len, spki));
    unsigned long handle = trusted_kek(bench, kek);
    check_ok(p11_key_wrap(bench->session, method, handle, plan->id, plan->id_len, blob));
    check_ok(p11_kek_destroy(bench->session, handle));
    check_error(p11_key_wrap(bench->session, method, handle, plan->id, plan->id_len, blob),
                ERROR_TOKEN);
    check_ok(p11_key_lock(bench->session, plan->id, plan->id_len));
    handle = trusted_kek(bench, kek);
    AUTO_BYTES second = {0};
    check_error_says(
        p11_key_wrap(bench->session, method, handle, plan->id, plan->id_len, &second),
        ERROR_TOKEN, "may never leave");
    check_ok(p11_kek_destroy(bench->session, handle));
}

static void
restore(struct p11_session *session, const struct p11_key_plan *plan,
        const struct p11_wrap_method *method, const struct secret *kek,
        const struct bytes *spki, const struct bytes *blob)
{
    unsigned long handle = 0;
    check_ok(p11_kek_import_unwrap(session, kek, &handle));
    check_ok(p11_key_unwrap(session, method, handle, blob->data, blob->len, plan, spki->data,
                            spki->len, true));
    check_ok(p11_kek_destroy(session, handle));
    struct p11_attribute_report report = {0};
    check_ok(p11_key_read_back(session, plan, false, &report));
    bench_print_differences(&report);
    assert_true(report.all_agree);
    check_made_of(session, plan, false);
    AUTO_BYTES back = {0};
    check_ok(p11_key_spki(session, plan->id, plan->id_len, &back));
    assert_int_equal(back.len, spki->len);
    assert_memory_equal(back.data, spki->data, spki->len);
    sign_with(session, plan, spki);
}

static void
what_is_wrapped_can_be_restored_on_another_token(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    struct p11_token_info spare_token = {0};
    bench_make_token(&bench, "Spare", &spare_token);
    AUTO(p11_session) spare = NULL;
    check_ok(p11_session_open(bench.module, spare_token.slot, &spare));
    bench_login(spare, P11_USER);
    struct p11_wrap_method method = {0};
    check_ok(p11_wrap_probe(bench.session, &method));
    assert_string_equal(method.mechanism, "CKM_AES_KEY_WRAP_PAD");
    assert_string_equal(method.kek_import, "C_CreateObject");
    for (int type = 0; type < P11_ED25519; type++) {
        AUTO(secret) kek = fixed_kek((unsigned char)type);
        AUTO_BYTES spki = {0};
        AUTO_BYTES blob = {0};
        struct p11_key_plan plan = bench_plan((enum p11_key_type)type, P11_KEY_BACKED_UP);
        back_up(&bench, &plan, &method, kek, &spki, &blob);
        AUTO(secret) pkcs8 = NULL;
        check_ok(backup_unwrap(kek, blob.data, blob.len, &pkcs8));
        software_key_is(pkcs8, &spki);
        struct p11_key_plan restored = bench_plan((enum p11_key_type)type, P11_KEY_RESTORED);
        restore(spare, &restored, &method, kek, &spki, &blob);
        size_t destroyed = 0;
        check_ok(p11_key_destroy(spare, plan.id, plan.id_len, &destroyed));
        assert_int_equal(destroyed, 2);
        check_ok(p11_key_destroy(bench.session, plan.id, plan.id_len, &destroyed));
    }
    struct p11_object *objects = NULL;
    size_t count = 0;
    check_ok(p11_objects_list(bench.session, &objects, &count));
    assert_int_equal(count, 0); /* the probe, the KEKs: nothing is left */
    free(objects);
    p11_session_close(TAKE(spare));
    bench_close(&bench);
}

static void
a_key_is_wrapped_anew_for_other_shares(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    struct p11_wrap_method method = {0};
    check_ok(p11_wrap_probe(bench.session, &method));
    AUTO(secret) old_kek = fixed_kek(1);
    AUTO(secret) new_kek = fixed_kek(2);
    AUTO_BYTES spki = {0};
    AUTO_BYTES blob = {0};
    struct p11_key_plan plan = bench_plan(P11_EC_P384, P11_KEY_BACKED_UP);
    back_up(&bench, &plan, &method, old_kek, &spki, &blob);
    unsigned long trusted = trusted_kek(&bench, new_kek);
    unsigned long unwrap = 0;
    check_ok(p11_kek_import_unwrap(bench.session, old_kek, &unwrap));
    struct p11_key_plan passing = plan;
    passing.label = "passing";
    passing.id[1] = 0x02;
    check_ok(p11_key_unwrap(bench.session, &method, unwrap, blob.data, blob.len, &passing, NULL,
                            0, false));
    AUTO_BYTES second = {0};
    check_error(
        p11_key_wrap(bench.session, &method, unwrap, passing.id, passing.id_len, &second),
        ERROR_TOKEN); /* the old KEK cannot wrap, and is not trusted */
    check_ok(
        p11_key_wrap(bench.session, &method, trusted, passing.id, passing.id_len, &second));
    size_t destroyed = 0;
    check_ok(p11_key_destroy(bench.session, passing.id, passing.id_len, &destroyed));
    assert_int_equal(destroyed, 1);
    check_ok(p11_kek_destroy(bench.session, unwrap));
    check_ok(p11_kek_destroy(bench.session, trusted));
    AUTO(secret) pkcs8 = NULL;
    check_ok(backup_unwrap(new_kek, second.data, second.len, &pkcs8));
    software_key_is(pkcs8, &spki);
    bench_close(&bench);
}

static void
a_damaged_blob_or_another_kek_is_refused(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    struct p11_wrap_method method = {0};
    check_ok(p11_wrap_probe(bench.session, &method));
    AUTO(secret) kek = fixed_kek(1);
    AUTO(secret) other = fixed_kek(2);
    AUTO_BYTES spki = {0};
    AUTO_BYTES blob = {0};
    struct p11_key_plan plan = bench_plan(P11_EC_P256, P11_KEY_BACKED_UP);
    back_up(&bench, &plan, &method, kek, &spki, &blob);
    size_t destroyed = 0;
    check_ok(p11_key_destroy(bench.session, plan.id, plan.id_len, &destroyed));
    struct p11_key_plan restored = bench_plan(P11_EC_P256, P11_KEY_RESTORED);
    unsigned long right = 0;
    unsigned long wrong = 0;
    check_ok(p11_kek_import_unwrap(bench.session, kek, &right));
    check_ok(p11_kek_import_unwrap(bench.session, other, &wrong));
    check_error_says(p11_key_unwrap(bench.session, &method, wrong, blob.data, blob.len,
                                    &restored, spki.data, spki.len, true),
                     ERROR_VERIFICATION, "another key-encryption key");
    blob.data[9] ^= 1;
    check_error(p11_key_unwrap(bench.session, &method, right, blob.data, blob.len, &restored,
                               spki.data, spki.len, true),
                ERROR_VERIFICATION);
    blob.data[9] ^= 1;
    check_error(p11_key_unwrap(bench.session, &method, right, blob.data, blob.len - 3,
                               &restored, spki.data, spki.len, true),
                ERROR_VERIFICATION);
    restored.type = P11_RSA_2048;
    check_error(p11_key_unwrap(bench.session, &method, right, blob.data, blob.len, &restored,
                               spki.data, spki.len, true),
                ERROR_VERIFICATION);
    restored.type = P11_EC_P256;
    /* A public key that cannot be stored takes the private one away again. */
    check_error(p11_key_unwrap(bench.session, &method, right, blob.data, blob.len, &restored,
                               "junk", 4, true),
                ERROR_INPUT);
    unsigned long handle = 0;
    check_error(p11_key_find(bench.session, plan.id, plan.id_len, &handle), ERROR_NOT_FOUND);
    check_ok(p11_key_unwrap(bench.session, &method, right, blob.data, blob.len, &restored,
                            spki.data, spki.len, true));
    check_error(p11_key_unwrap(bench.session, &method, right, blob.data, blob.len, &restored,
                               spki.data, spki.len, true),
                ERROR_EXISTS);
    bench_close(&bench);
}

/* A KEK that cannot be changed later does without; one that can be does not. */
static void
where_uses_can_be_added_mechanisms_must_be_pinned(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    AUTO(secret) kek = fixed_kek(5);
    unsigned long handle = 0;
    bench_reopen(&bench, "C_GetAttributeValue@1+=no-attr:0x40000600");
    bench_login(bench.session, P11_USER);
    check_ok(p11_kek_import_unwrap(bench.session, kek, &handle));
    check_ok(p11_kek_destroy(bench.session, handle));
    bench_reopen(&bench, "C_CreateObject@1+=0xd1,C_GetAttributeValue@1+=no-attr:0x40000600");
    bench_login(bench.session, P11_USER);
    check_error_says(p11_kek_import_unwrap(bench.session, kek, &handle), ERROR_TOKEN,
                     "CKA_ALLOWED_MECHANISMS is absent");
    struct p11_object *objects = NULL;
    size_t count = 0;
    check_ok(p11_objects_list(bench.session, &objects, &count));
    assert_int_equal(count, 0);
    free(objects);
    bench_close(&bench);
}

static void
where_plaintext_is_refused_a_kek_comes_in_by_oaep(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    struct p11_key_plan plan = bench_plan(P11_EC_P256, P11_KEY_BACKED_UP);
    AUTO(secret) kek = fixed_kek(5);
    AUTO_BYTES spki = {0};
    AUTO_BYTES blob = {0};
    struct p11_wrap_method method = {0};
    check_ok(p11_wrap_probe(bench.session, &method));
    back_up(&bench, &plan, &method, kek, &spki, &blob);
    bench_reopen(&bench, "C_CreateObject@1+=0xd1"); /* CKR_TEMPLATE_INCONSISTENT */
    bench_login(bench.session, P11_USER);
    check_ok(p11_wrap_probe(bench.session, &method));
    assert_string_equal(method.kek_import, "C_UnwrapKey (RSA-OAEP)");
    unsigned long handle = 0;
    check_ok(p11_kek_import_unwrap(bench.session, kek, &handle));
    struct p11_key_plan passing = bench_plan(P11_EC_P256, P11_KEY_RESTORED);
    passing.label = "passing";
    passing.id[1] = 0x02;
    check_ok(p11_key_unwrap(bench.session, &method, handle, blob.data, blob.len, &passing, NULL,
                            0, false));
    sign_with(bench.session, &passing, &spki);
    struct p11_object *objects = NULL;
    size_t count = 0;
    check_ok(p11_objects_list(bench.session, &objects, &count));
    assert_int_equal(count,
                     4); /* the pair, the KEK, the unwrapped key: no transport key, no debris */
    free(objects);
    log_in_anew(bench.session, P11_SO);
    check_error(p11_kek_import_trusted(bench.session, kek, &handle), ERROR_TOKEN);
    bench_close(&bench);
}

/* R28: only a token that cannot keep an attribute at all is let off; what is tried leaves nothing. */
static void
what_a_token_keeps_is_never_let_off(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    unsigned unkept = 7;
    check_ok(p11_key_unkept(bench.session, &unkept));
    assert_int_equal(unkept, 0);
    assert_null(p11_unkept_name(unkept, 0));
    struct p11_object *objects = NULL;
    size_t count = 0;
    check_ok(p11_objects_list(bench.session, &objects, &count));
    assert_int_equal(count, 0);
    free(objects);
    /* The second pair is the one with CKA_COPYABLE; refused, it is not kept. */
    bench_reopen(&bench, "C_GenerateKeyPair@2=0x12"); /* CKR_ATTRIBUTE_TYPE_INVALID */
    bench_login(bench.session, P11_USER);
    check_ok(p11_key_unkept(bench.session, &unkept));
    assert_string_equal(p11_unkept_name(unkept, 0), "CKA_COPYABLE");
    assert_null(p11_unkept_name(unkept, 1));
    /* A failure that says nothing, and does not come again, proves nothing. */
    bench_reopen(&bench, "C_GenerateKeyPair@2=0x6"); /* CKR_FUNCTION_FAILED */
    bench_login(bench.session, P11_USER);
    check_error_says(p11_key_unkept(bench.session, &unkept), ERROR_TOKEN, "CKA_COPYABLE");
    /* Nor does a token that makes no keys. */
    bench_reopen(&bench, "C_GenerateKeyPair@1+=0x5");
    bench_login(bench.session, P11_USER);
    check_error(p11_key_unkept(bench.session, &unkept), ERROR_TOKEN);
    bench_close(&bench);
}

static void
a_token_that_wraps_otherwise_is_found_out(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    struct p11_wrap_method method = {0};
    bench_reopen(&bench, "C_WrapKey@1=flip");
    bench_login(bench.session, P11_USER);
    check_error_says(p11_wrap_probe(bench.session, &method), ERROR_UNSUPPORTED, "not RFC 5649");
    bench_reopen(&bench, "C_GetMechanismInfo@1+=0x70");
    bench_login(bench.session, P11_USER);
    check_error_says(p11_wrap_probe(bench.session, &method), ERROR_UNSUPPORTED,
                     "no AES key wrap");
    /* A KEK that may decrypt as well would undo every wrap: refused and destroyed. */
    AUTO(secret) kek = fixed_kek(5);
    unsigned long handle = 0;
    bench_reopen(&bench, "C_GetAttributeValue@1+=attr:0x105:1");
    bench_login(bench.session, P11_USER);
    check_error_says(p11_kek_import_unwrap(bench.session, kek, &handle), ERROR_TOKEN,
                     "CKA_DECRYPT is true, planned false");
    struct p11_object *objects = NULL;
    size_t count = 0;
    check_ok(p11_objects_list(bench.session, &objects, &count));
    assert_int_equal(count, 0);
    free(objects);
    /* Nor one whose mechanisms are not those that were pinned. */
    bench_reopen(&bench, "C_GetAttributeValue@1+=attr:0x40000600:1");
    bench_login(bench.session, P11_USER);
    check_error_says(p11_kek_import_unwrap(bench.session, kek, &handle), ERROR_TOKEN,
                     "CKA_ALLOWED_MECHANISMS is another list");
    check_ok(p11_objects_list(bench.session, &objects, &count));
    assert_int_equal(count, 0);
    free(objects);
    bench_reopen(&bench, "C_DestroyObject@1=lie:not-destroyed");
    bench_login(bench.session, P11_USER);
    check_ok(p11_kek_import_unwrap(bench.session, kek, &handle));
    check_error_says(p11_kek_destroy(bench.session, handle), ERROR_TOKEN, "still there");
    bench_close(&bench);
}

/* T23. Each attack goes past our own code, straight to the token. */

static CK_RV
set_flag(struct p11_session *session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
         bool value)
{
    struct ck_template template = {0};
    ck_template_add_bool(&template, type, value);
    return CK_CALL(session->module, C_SetAttributeValue, session->handle, object, template.rows,
                   1);
}

static CK_RV
use_with(struct p11_session *session, CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE type,
         bool decrypt)
{
    CK_MECHANISM mechanism = {.mechanism = type};
    return decrypt ? CK_CALL(session->module, C_DecryptInit, session->handle, &mechanism, key)
                   : session->module->list->C_EncryptInit(session->handle, &mechanism, key);
}

/* Written down a second time (docs/formats/keys.md), as in attributes.h. */
static void
check_kek_made_of(struct p11_session *session, CK_OBJECT_HANDLE kek, bool trusted)
{
    static const CK_MECHANISM_TYPE wraps[] = {CKM_AES_KEY_WRAP_KWP, CKM_AES_KEY_WRAP_PAD};
    static const CK_ATTRIBUTE_TYPE never[] = {CKA_TOKEN,    CKA_EXTRACTABLE, CKA_MODIFIABLE,
                                              CKA_COPYABLE, CKA_ENCRYPT,     CKA_DECRYPT,
                                              CKA_SIGN,     CKA_VERIFY,      CKA_DERIVE};
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        check_flag_is(session, kek, never[i], false);
    check_flag_is(session, kek, CKA_SENSITIVE, true);
    check_flag_is(session, kek, CKA_WRAP_WITH_TRUSTED, true);
    check_flag_is(session, kek, CKA_WRAP, trusted);
    check_flag_is(session, kek, CKA_UNWRAP, !trusted);
    check_flag_is(session, kek, CKA_TRUSTED, trusted);
    check_flag_is(session, kek, CKA_PRIVATE, !trusted);
    check_mechanisms_are(session, kek, wraps, 2);
}

/* Whoever unwraps by himself can have a key that shows itself: the KEK that is there while people are asked must not do
 * it, and the other one must not wrap. */
static void
own_blob_stays_closed(struct bench *bench, CK_OBJECT_HANDLE trusted, CK_OBJECT_HANDLE unwrap,
                      const struct secret *kek)
{
    static const CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    static const CK_KEY_TYPE aes = CKK_AES;
    AUTO(secret) plain = fixed_kek(1);
    AUTO_BYTES blob = {0};
    struct ck_template template = {0};
    CK_OBJECT_HANDLE made = CK_INVALID_HANDLE;
    check_ok(key_wrap_encrypt(kek, plain, &blob));
    ck_template_add(&template, CKA_CLASS, &class, sizeof class);
    ck_template_add(&template, CKA_KEY_TYPE, &aes, sizeof aes);
    ck_template_add_bool(&template, CKA_TOKEN, false);
    ck_template_add_bool(&template, CKA_SENSITIVE, false);
    ck_template_add_bool(&template, CKA_EXTRACTABLE, true);
    CK_MECHANISM wrap = {.mechanism = CKM_AES_KEY_WRAP_PAD};
    struct p11_session *session = bench->session;
    assert_int_not_equal(CK_CALL(bench->module, C_UnwrapKey, session->handle, &wrap, trusted,
                                 blob.data, blob.len, template.rows, template.count, &made),
                         CKR_OK);
    /* By the other one it is opened: the attack is a real one. */
    assert_int_equal(CK_CALL(bench->module, C_UnwrapKey, session->handle, &wrap, unwrap,
                             blob.data, blob.len, template.rows, template.count, &made),
                     CKR_OK);
    unsigned char out[256];
    CK_ULONG len = sizeof out;
    assert_int_not_equal(
        CK_CALL(bench->module, C_WrapKey, session->handle, &wrap, unwrap, made, out, &len),
        CKR_OK);
    len = sizeof out;
    assert_int_equal(
        CK_CALL(bench->module, C_WrapKey, session->handle, &wrap, trusted, made, out, &len),
        CKR_OK);
}

static void
attacks_on_a_kek_are_refused(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    AUTO(secret) kek = fixed_kek(9);
    unsigned long trusted = trusted_kek(&bench, kek);
    unsigned long unwrap = 0;
    check_ok(p11_kek_import_unwrap(bench.session, kek, &unwrap));
    unsigned long both[] = {trusted, unwrap};
    check_kek_made_of(bench.session, trusted, true);
    check_kek_made_of(bench.session, unwrap, false);
    for (size_t i = 0; i < 2; i++) {
        assert_int_not_equal(use_with(bench.session, both[i], CKM_AES_ECB, true), CKR_OK);
        assert_int_not_equal(use_with(bench.session, both[i], CKM_AES_ECB, false), CKR_OK);
        assert_int_not_equal(set_flag(bench.session, both[i], CKA_DECRYPT, true), CKR_OK);
        assert_int_not_equal(set_flag(bench.session, both[i], CKA_EXTRACTABLE, true), CKR_OK);
        assert_int_not_equal(set_flag(bench.session, both[i], CKA_SENSITIVE, false), CKR_OK);
        assert_int_not_equal(set_flag(bench.session, both[i], CKA_TRUSTED, true), CKR_OK);
        AUTO_CK_VALUE value = {0};
        check_ok(ck_read(bench.session, both[i], CKA_VALUE, &value));
        assert_int_equal(value.state, P11_UNREADABLE);
        CK_OBJECT_HANDLE copy = 0;
        struct ck_template template = {0};
        ck_template_add_bool(&template, CKA_DECRYPT, true);
        assert_int_not_equal(bench.module->list->C_CopyObject(bench.session->handle, both[i],
                                                              template.rows, 1, &copy),
                             CKR_OK);
    }
    assert_int_not_equal(set_flag(bench.session, trusted, CKA_UNWRAP, true), CKR_OK);
    assert_int_not_equal(set_flag(bench.session, unwrap, CKA_WRAP, true), CKR_OK);
    own_blob_stays_closed(&bench, trusted, unwrap, kek);
    bench_close(&bench);
}

static void
attack_key(struct bench *bench, enum p11_key_type type)
{
    struct p11_key_plan plan = bench_plan(type, P11_KEY_BACKED_UP);
    check_ok(p11_key_generate(bench->session, &plan));
    unsigned long key = 0;
    check_ok(p11_key_find(bench->session, plan.id, plan.id_len, &key));
    struct p11_session *session = bench->session;
    /* An untrusted KEK of the attacker's own. */
    static const CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    static const CK_KEY_TYPE aes = CKK_AES;
    static const unsigned char zeros[32];
    struct ck_template template = {0};
    ck_template_add(&template, CKA_CLASS, &class, sizeof class);
    ck_template_add(&template, CKA_KEY_TYPE, &aes, sizeof aes);
    ck_template_add_bool(&template, CKA_WRAP, true);
    ck_template_add(&template, CKA_VALUE, zeros, sizeof zeros);
    CK_OBJECT_HANDLE attacker = 0;
    assert_int_equal(CK_CALL(bench->module, C_CreateObject, session->handle, template.rows,
                             template.count, &attacker),
                     CKR_OK);
    CK_MECHANISM wrap = {.mechanism = CKM_AES_KEY_WRAP_PAD};
    unsigned char blob[4096];
    CK_ULONG len = sizeof blob;
    assert_int_not_equal(
        CK_CALL(bench->module, C_WrapKey, session->handle, &wrap, attacker, key, blob, &len),
        CKR_OK);
    assert_int_not_equal(set_flag(session, attacker, CKA_TRUSTED, true), CKR_OK);
    assert_int_not_equal(set_flag(session, key, CKA_WRAP_WITH_TRUSTED, false), CKR_OK);
    assert_int_not_equal(set_flag(session, key, CKA_SENSITIVE, false), CKR_OK);
    CK_OBJECT_HANDLE copy = 0;
    struct ck_template nothing = {0};
    ck_template_add_bool(&nothing, CKA_PRIVATE, true);
    assert_int_not_equal(bench->module->list->C_CopyObject(session->handle, key, nothing.rows,
                                                           nothing.count, &copy),
                         CKR_OK);
    check_ok(p11_key_lock(session, plan.id, plan.id_len));
    assert_int_not_equal(set_flag(session, key, CKA_EXTRACTABLE, true), CKR_OK);
    /* MODIFIABLE is true, so uses can be added; the pinned mechanisms make them worthless. */
    (void)set_flag(session, key, CKA_DECRYPT, true);
    (void)set_flag(session, key, CKA_UNWRAP, true);
    (void)set_flag(session, key, CKA_DERIVE, true);
    static const CK_MECHANISM_TYPE uses[] = {CKM_RSA_PKCS, CKM_RSA_X_509, CKM_RSA_PKCS_OAEP,
                                             CKM_ECDH1_DERIVE};
    for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++)
        assert_int_not_equal(use_with(session, key, uses[i], true), CKR_OK);
    static const CK_MECHANISM_TYPE every[] = {CKM_RSA_PKCS, CKM_ECDSA, CKM_RSA_X_509};
    unsigned long changed = 0;
    struct ck_template wider = {0};
    ck_template_add(&wider, CKA_ALLOWED_MECHANISMS, every, sizeof every);
    changed = CK_CALL(bench->module, C_SetAttributeValue, session->handle, key, wider.rows, 1);
    assert_int_not_equal(changed, CKR_OK);
    size_t destroyed = 0;
    check_ok(p11_key_destroy(session, plan.id, plan.id_len, &destroyed));
    check_ok(p11_object_destroy(session, attacker));
}

static void
attacks_on_a_key_are_refused(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    attack_key(&bench, P11_EC_P256);
    attack_key(&bench, P11_RSA_2048);
    bench_close(&bench);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrapped_can_be_restored_on_another_token),
        cmocka_unit_test(a_key_is_wrapped_anew_for_other_shares),
        cmocka_unit_test(a_damaged_blob_or_another_kek_is_refused),
        cmocka_unit_test(where_uses_can_be_added_mechanisms_must_be_pinned),
        cmocka_unit_test(where_plaintext_is_refused_a_kek_comes_in_by_oaep),
        cmocka_unit_test(what_a_token_keeps_is_never_let_off),
        cmocka_unit_test(a_token_that_wraps_otherwise_is_found_out),
        cmocka_unit_test(attacks_on_a_kek_are_refused),
        cmocka_unit_test(attacks_on_a_key_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
