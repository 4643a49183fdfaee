/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/audit/revoked_scope.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/pki/profile.h"
#include "ceremony/rules/crl_partition.h"

/* --- the name --- */

static bool
take(const char **at, const char *word)
{
    size_t len = strlen(word);
    if (strncmp(*at, word, len) != 0)
        return false;
    *at += len;
    return true;
}

static bool
take_number(const char **at, int base, long *ret)
{
    char *end = NULL;
    *ret = strtol(*at, &end, base);
    bool taken = end != *at && *ret > 0 && *ret <= 65535;
    *at = end;
    return taken;
}

bool
revoked_scope_read(const char *name, struct revoked_scope *ret_scope)
{
    const char *at = name;
    long part = 0;
    long parts = 0;
    long reasons = 0;
    *ret_scope = (struct revoked_scope){0};
    ret_scope->only_ca_certs = take(&at, "ca-certificates");
    ret_scope->only_user_certs = !ret_scope->only_ca_certs && take(&at, "user-certificates");
    if (!ret_scope->only_ca_certs && !ret_scope->only_user_certs && !take(&at, "full"))
        return false;
    if (take(&at, "-partition-")
        && !(take_number(&at, 10, &part) && take(&at, "-of-") && take_number(&at, 10, &parts)))
        return false;
    if (take(&at, "-reasons-") && !take_number(&at, 16, &reasons))
        return false;
    ret_scope->partition = (int)part;
    ret_scope->partitions = (int)parts;
    ret_scope->reasons = (unsigned)reasons;
    return *at == '\0';
}

/* --- the rows --- */

static bool
is_ca(const struct ledger_lines *ledger, const char *issuer, const struct pki_revocation *is)
{
    char serial[2 * sizeof is->serial + 1];
    hex_encode(is->serial, is->serial_len, serial);
    for (size_t i = 0; i < ledger->count; i++) {
        const json_t *data = data_inner(ledger->rows[i].object, "data");
        const char *kind = data_text(ledger->rows[i].object, "kind");
        if ((strcmp(kind, "certificate-reserve") == 0
             || strcmp(kind, "certificate-import") == 0)
            && strcmp(data_text(data, "serial"), serial) == 0
            && strcmp(data_text(data, "issuer"), issuer) == 0)
            return json_is_true(json_object_get(data, "is_ca"));
    }
    return false;
}

static bool
is_of(const struct revoked_scope *scope, const struct ledger_lines *ledger, const char *issuer,
      const struct pki_revocation *is)
{
    if (scope->partitions > 0
        && crl_partition_of(is->serial, is->serial_len, scope->partitions) != scope->partition)
        return false;
    if ((scope->only_ca_certs || scope->only_user_certs)
        && is_ca(ledger, issuer, is) != scope->only_ca_certs)
        return false;
    if (scope->reasons == 0 || is->reason == REVOKED_RELEASED)
        return true;
    const struct pki_reason *reason = pki_reason_by_code(is->reason);
    return reason != NULL && reason->flag >= 0 && (scope->reasons >> reason->flag & 1U) != 0;
}

void
revoked_scope_keep(const struct revoked_scope *scope, const struct ledger_lines *ledger,
                   const char *issuer, struct revoked_rows *rows, size_t *ret_released)
{
    size_t kept = 0;
    *ret_released = 0;
    for (size_t i = 0; i < rows->count; i++) {
        const struct pki_revocation *is = &rows->items[i].is;
        if (!is_of(scope, ledger, issuer, is))
            continue;
        *ret_released += is->reason == REVOKED_RELEASED ? 1 : 0;
        rows->items[kept++] = rows->items[i];
    }
    rows->count = kept;
}
